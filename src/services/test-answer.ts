// Whether the answer to the smallest test request is one: at least one token, an end, numbers that are numbers.
import { z } from 'zod';
import type { EngineAnswer, EngineClient, EngineEndpoint } from '../adapters/engine/engine-client.js';
import { OutputMalformedError, RuntimeRejectedError } from '../adapters/engine/engine-errors.js';
import { TestRefusedError, WrongOutputError } from './runtime-failures.js';
import type { Canary } from './suspect-silence.js';

const someText = z.string().min(1);
const saidSomething = {
  'chat.completions': z.object({
    choices: z.tuple([z.object({ message: z.object({ content: someText }) })], z.unknown()),
  }),
  completions: z.object({ choices: z.tuple([z.object({ text: someText })], z.unknown()) }),
} as const;
/** A broken device gives NaN, which JSON knows as null, or nothing but zeros. */
const vector = z.union([
  someText,
  z
    .array(z.number())
    .min(1)
    .refine((numbers) => numbers.some((number) => number !== 0)),
]);
const embedded = z.object({ data: z.tuple([z.object({ embedding: vector })], z.unknown()) });

const ADVICE =
  'The node replaces the engine. If it happens again, the model’s files or the device may be broken.';

const isAnswer = (endpoint: EngineEndpoint, { body, usage, finishReason }: EngineAnswer): boolean => {
  const json: unknown = JSON.parse(body);
  if (endpoint === 'embeddings') return embedded.safeParse(json).success;
  if (finishReason === undefined) return false;
  // One token need not be text: the end of the answer is a token as well.
  return usage === undefined ? saidSomething[endpoint].safeParse(json).success : usage.completionTokens > 0;
};

/**
 * Asks for one token.
 * @param client as it is, not counted among the jobs
 * @throws WrongOutputError what came is no answer
 * @throws TestRefusedError it answered 4xx; where it is only full (429), the RuntimeRejectedError
 * @throws the other errors of {@link EngineClient.complete}
 */
export const testAnswer = async (
  client: EngineClient,
  canary: Canary,
  signal: AbortSignal,
): Promise<void> => {
  try {
    const answer = await client.complete(canary.endpoint, canary.request, signal);
    if (isAnswer(canary.endpoint, answer)) return;
  } catch (cause) {
    if (cause instanceof RuntimeRejectedError && !cause.retryable) {
      throw new TestRefusedError(`the engine refuses a test request: ${cause.message}`, {
        cause,
        advice: cause.advice ?? 'Engine and model do not fit together: choose another version or model.',
        details: cause.details,
      });
    }
    if (cause instanceof OutputMalformedError) {
      throw new WrongOutputError(`a test request went wrong: ${cause.message}`, { cause, advice: ADVICE });
    }
    throw cause;
  }
  throw new WrongOutputError('the engine answers a test request with nothing', { advice: ADVICE });
};
