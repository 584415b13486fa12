// The shapes of answers that come in one piece.
import { z } from 'zod';
import { type JsonBounds, parseBoundedJson } from '../../protocol/bounded-json.js';
import type { EngineAnswer, EngineEndpoint, EngineModel, EngineUsage } from './engine-client.js';
import { OutputMalformedError, RuntimeCrashedError } from './engine-errors.js';
import { engineFailureFacts } from './engine-failure.js';
import { MAX_CHOICES } from './stream-chunk.js';

const count = z.int().min(0);
const usage = z.looseObject({ prompt_tokens: count, completion_tokens: count.optional() });
interface ReadAnswer {
  readonly used: EngineUsage | undefined;
  readonly reasons: readonly string[];
}

const answer = z.looseObject({ usage: usage.nullish() });
const finished = z.looseObject({ finish_reason: z.string().min(1).max(64) });
const chatChoice = finished.extend({ message: z.looseObject({ content: z.string().nullish() }) });
const textChoice = finished.extend({ text: z.string() });
const withReasons = (read: {
  usage?: z.output<typeof usage> | null | undefined;
  choices: readonly z.output<typeof finished>[];
}): ReadAnswer => ({
  used: usageOf(read.usage),
  reasons: read.choices.map((choice) => choice.finish_reason),
});

const ANSWERS = {
  'chat.completions': answer
    .extend({ choices: z.array(chatChoice).min(1).max(MAX_CHOICES) })
    .transform(withReasons),
  completions: answer.extend({ choices: z.array(textChoice).min(1).max(MAX_CHOICES) }).transform(withReasons),
  // The numbers themselves are not looked at: a batch has a million of them.
  embeddings: answer
    .extend({
      data: z
        .array(z.looseObject({ index: count, embedding: z.union([z.string(), z.custom(Array.isArray)]) }))
        .min(1),
    })
    .transform(({ usage }): ReadAnswer => ({ used: usageOf(usage), reasons: [] })),
} satisfies Record<EngineEndpoint, z.ZodType<ReadAnswer>>;

const reportedError = z.union([
  z.looseObject({ error: z.union([z.looseObject({}), z.string()]) }),
  z.looseObject({ object: z.literal('error') }),
]);
const modelList = z.object({
  data: z
    .array(
      z.object({
        id: z.string().min(1).max(512),
        max_model_len: z.int().positive().optional().catch(undefined),
      }),
    )
    .max(1000),
});
const versionBody = z.object({ version: z.string().min(1).max(128) });

const BOUNDS: JsonBounds = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: 64, maxKeys: 1_000_000 };
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Finish reasons with which an engine says that it, not the model, ended the answer (vLLM: `FinishReason`). */
export const isEngineFault = (reason: string): boolean => reason === 'abort' || reason === 'error';

/**
 * @throws OutputMalformedError not UTF-8, not JSON, or not the endpoint's shape
 * @throws RuntimeCrashedError a 200 whose body reports a failure, or whose finish reason does
 */
export const readWholeAnswer = (endpoint: EngineEndpoint, bytes: Buffer): EngineAnswer => {
  const body = decode(bytes);
  const value = parseAnswerJson(bytes);
  if (reportedError.safeParse(value).success) {
    throw new RuntimeCrashedError('the engine reported a failure in its answer', {
      details: engineFailureFacts(value),
    });
  }
  const { used, reasons } = check<z.ZodType<ReadAnswer>>(ANSWERS[endpoint], value, endpoint);
  if (reasons.some(isEngineFault)) throw new RuntimeCrashedError('the engine gave up on the request');
  return { body, usage: used, finishReason: reasons[0] };
};

/** @throws OutputMalformedError not a list of models */
export const readModels = (bytes: Buffer): readonly EngineModel[] =>
  check(modelList, parseAnswerJson(bytes), 'models').data.map((model) => ({
    id: model.id,
    maxModelLen: model.max_model_len,
  }));

/** undefined where the body names no version. */
export const readVersion = (bytes: Buffer): string | undefined => {
  const parsed = versionBody.safeParse(parseOrUndefined(bytes));
  return parsed.success ? parsed.data.version : undefined;
};

/** For error bodies, of which anything may come. */
export const parseOrUndefined = (bytes: Buffer): unknown => {
  try {
    return parseBoundedJson(bytes, BOUNDS);
  } catch {
    return undefined;
  }
};

/** Usage as the engine names it, in our words. Embeddings generate nothing. */
export const usageOf = (
  reported:
    | { readonly prompt_tokens: number; readonly completion_tokens?: number | undefined }
    | null
    | undefined,
): EngineUsage | undefined =>
  reported === undefined || reported === null
    ? undefined
    : { promptTokens: reported.prompt_tokens, completionTokens: reported.completion_tokens ?? 0 };

const parseAnswerJson = (bytes: Buffer): unknown => {
  try {
    return parseBoundedJson(bytes, BOUNDS);
  } catch {
    // The cause quotes the text, which is somebody's output: it is not kept.
    throw new OutputMalformedError("the engine's answer is not JSON within bounds");
  }
};

const check = <S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join('.'));
  throw new OutputMalformedError(`the engine's answer does not have the shape of ${what}`, {
    details: { where },
  });
};

const decode = (bytes: Buffer): string => {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new OutputMalformedError('the engine sent bytes that are not UTF-8');
  }
};
