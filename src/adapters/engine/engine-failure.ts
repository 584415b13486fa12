// What an engine says about a failure, reduced to facts that are safe to keep: its free text may quote the prompt,
// so only identifiers and known meanings pass.
import { z } from 'zod';
import {
  OutputMalformedError,
  RuntimeCrashedError,
  RuntimeRejectedError,
  RuntimeUnreachableError,
} from './engine-errors.js';

/** Identifiers such as `BadRequestError`, `max_tokens`, `messages[0].role`, `context_length_exceeded`. */
const IDENTIFIER = /^[A-Za-z0-9_.[\]-]{1,64}$/;

const identifier = z.string().regex(IDENTIFIER).optional().catch(undefined);
const code = z
  .union([z.int(), z.string().regex(IDENTIFIER)])
  .optional()
  .catch(undefined);
const message = z.string().catch('');
const flat = z.object({ message, type: identifier, param: identifier, code });
/** vLLM ≥ 0.10, llama.cpp, Ollama: `{error:{…}}`; older vLLM: flat with `object: "error"`; FastAPI: `{detail}`. */
const errorBody = z.union([
  z.object({ error: flat }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ({ ...flat.parse({}), message: error })),
  z.object({ object: z.literal('error') }).and(flat),
]);

/** Meaning of an engine's words, where it is known: the words themselves are not kept. */
const KNOWN_REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/maximum context length|maximum model length|context_length_exceeded/i, 'context_too_long'],
  [/exceed_context_size|exceeds the (available )?context (size|length)/i, 'context_too_long'],
  [/max_(completion_)?tokens.{0,40}too large/is, 'context_too_long'],
  [/chat template/i, 'chat_template_missing'],
  [/^the model .{1,300} does not exist|model .{1,300} not found/is, 'model_unknown'],
];
const MESSAGE_CHARS_LOOKED_AT = 1024;

const SENTENCES: Readonly<Record<string, string>> = {
  context_too_long: "prompt and answer together are longer than the model's context",
  chat_template_missing: 'the model has no chat template',
  model_unknown: 'the engine does not serve this model',
  unauthorized: 'the engine wants another API key',
  busy: 'the engine takes no more requests at the moment',
  path_unknown: 'the engine does not have this endpoint',
};

interface EngineFailureFacts extends Record<string, unknown> {
  readonly engineType?: string;
  readonly engineCode?: string | number;
  readonly param?: string;
  readonly reason?: string;
}

/** Reads either error shape; anything else gives no facts. Never throws. */
export const engineFailureFacts = (body: unknown): EngineFailureFacts => {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return {};
  const { type, code: engineCode, param, message: text } = parsed.data;
  const words = `${text.slice(0, MESSAGE_CHARS_LOOKED_AT)}\n${type ?? ''}\n${engineCode ?? ''}`;
  const reason = KNOWN_REASONS.find(([pattern]) => pattern.test(words))?.[1];
  return {
    ...(type !== undefined && { engineType: type }),
    ...(engineCode !== undefined && { engineCode }),
    ...(param !== undefined && { param }),
    ...(reason !== undefined && { reason }),
  };
};

/** The error for an answer whose status is not 2xx; `body` is the parsed JSON body or undefined. */
export const errorForStatus = (
  status: number,
  body: unknown,
): RuntimeRejectedError | RuntimeUnreachableError | RuntimeCrashedError | OutputMalformedError => {
  const facts = engineFailureFacts(body);
  if (status >= 400 && status < 500) {
    const reason = facts.reason ?? reasonOfStatus(status, facts);
    const sentence = reason === undefined ? undefined : SENTENCES[reason];
    return new RuntimeRejectedError(
      `the engine refused the request (${status})${sentence ? `: ${sentence}` : ''}`,
      {
        details: { status, ...facts, ...(reason !== undefined && { reason }) },
        ...(reason === 'unauthorized' && {
          advice: "Set the engine's API key in the runtime's configuration.",
        }),
      },
    );
  }
  const details = { status, ...facts };
  if (status === 502 || status === 503 || status === 504) {
    return new RuntimeUnreachableError(`the engine is not there to answer (${status})`, { details });
  }
  if (status >= 500)
    return new RuntimeCrashedError(`the engine failed on the request (${status})`, { details });
  return new OutputMalformedError(`the engine answered with an unexpected status (${status})`, { details });
};

const reasonOfStatus = (status: number, facts: EngineFailureFacts): string | undefined => {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'busy';
  // vLLM answers 404 with an error object for an unknown model, the HTTP framework without one for a path.
  if (status === 404) return facts.engineType === undefined ? 'path_unknown' : 'model_unknown';
  return undefined;
};
