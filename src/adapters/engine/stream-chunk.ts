// One chunk of an OpenAI-shaped stream, checked by hand: this runs for every token (20,000 a second), where a
// schema would cost as much as parsing the JSON. A property test holds it to the schema it stands for.
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import { OutputMalformedError, RuntimeCrashedError } from './engine-errors.js';
import { engineFailureFacts } from './engine-failure.js';

export interface EngineChunkChoice {
  readonly index: number;
  /** Chat: what is new in the message. */
  readonly delta?: { readonly content?: string | null };
  /** Completions: the new text. */
  readonly text?: string;
  readonly finish_reason?: string | null;
}

/** Everything checked is typed here; the engine may have sent further members. */
export interface EngineChunk {
  readonly choices: readonly EngineChunkChoice[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens?: number } | null;
}

/** Choices per request; the engine allows 8 (`VLLM_MAX_N_SEQUENCES`). */
export const MAX_CHOICES = 128;
const MAX_FINISH_REASON_CHARS = 64;
/** Below this length no nesting or number of keys can hold up `JSON.parse`. */
const HARMLESS_CHARS = 4096;
const BOUNDS = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: 64, maxKeys: 100_000 };

/**
 * @param data text of one SSE event
 * @throws RuntimeCrashedError the engine reports a failure in this chunk
 * @throws OutputMalformedError not JSON, or not a chunk
 */
export const parseStreamChunk = (data: string): EngineChunk => {
  const value = parseJson(data);
  if (!isObject(value)) throw malformed('is not an object');
  const { error, object, choices, usage } = value;
  if ((error !== undefined && error !== null) || object === 'error') throw reportedFailure(value);
  if (!Array.isArray(choices) || choices.length > MAX_CHOICES) throw malformed('has no list of choices');
  for (const choice of choices) checkChoice(choice);
  if (usage !== undefined && usage !== null) checkUsage(usage);
  return value as unknown as EngineChunk;
};

/** The failure an engine reports inside a stream, without its free text. */
export const reportedFailure = (body: unknown): RuntimeCrashedError =>
  new RuntimeCrashedError('the engine reported a failure in the middle of the stream', {
    details: engineFailureFacts(body),
  });

const checkChoice = (choice: unknown): void => {
  if (!isObject(choice)) throw malformed('has a choice that is not an object');
  const { index, delta, text, finish_reason: finishReason } = choice;
  if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= MAX_CHOICES) {
    throw malformed('has a choice with a wrong index');
  }
  if (delta === undefined) {
    if (typeof text !== 'string') throw malformed('has a choice with neither delta nor text');
  } else {
    if (!isObject(delta)) throw malformed('has a delta that is not an object');
    const { content } = delta;
    if (content !== undefined && content !== null && typeof content !== 'string') {
      throw malformed('has content that is not text');
    }
    if (text !== undefined && typeof text !== 'string') throw malformed('has a text that is not text');
  }
  if (finishReason === undefined || finishReason === null) return;
  if (
    typeof finishReason !== 'string' ||
    finishReason === '' ||
    finishReason.length > MAX_FINISH_REASON_CHARS
  ) {
    throw malformed('has a wrong finish_reason');
  }
};

const checkUsage = (usage: unknown): void => {
  if (!isObject(usage)) throw malformed('has a usage that is not an object');
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (!isCount(prompt)) throw malformed('has a wrong prompt_tokens');
  if (completion !== undefined && !isCount(completion)) throw malformed('has a wrong completion_tokens');
};

const parseJson = (data: string): unknown => {
  try {
    return data.length <= HARMLESS_CHARS ? JSON.parse(data) : parseBoundedJson(Buffer.from(data), BOUNDS);
  } catch {
    // The parser's own message quotes the text, which is somebody's output: it is not kept.
    throw malformed('is not JSON');
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const malformed = (what: string): OutputMalformedError => new OutputMalformedError(`a stream chunk ${what}`);
