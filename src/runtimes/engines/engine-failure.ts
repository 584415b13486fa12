// One reading of every engine's error bodies and last words, so that the node reacts to meanings and not to wordings.
import { z } from 'zod';
import type { EngineDefinition, KnownError } from './engine-definition.js';

/** An error body in the normal form, which is vLLM's. */
export interface EngineFailure {
  /** HTTP status of the answer, or the code inside an in-stream error line. */
  readonly status: number;
  readonly message: string;
  readonly type: string | undefined;
  readonly param: string | undefined;
}

const code = z.union([z.number(), z.string()]).nullish();
const text = z.string().nullish();

const shapes = {
  nested: z
    .object({ error: z.object({ message: z.string(), type: text, param: text, code }) })
    .transform(({ error }) => error),
  flat: z.object({ object: z.literal('error'), message: z.string(), type: text, param: text, code }),
  text: z.object({ error: z.string() }).transform(({ error }) => ({
    message: error,
    type: undefined,
    param: undefined,
    code: undefined,
  })),
} as const;

/** Longest message kept of a body that has none of the shapes, in characters. */
const UNKNOWN_SHAPE_CHARACTERS = 200;

/**
 * @param status the HTTP status; an in-stream error line, which has none, passes 200 and its own code is taken
 * @param body the answer's body, or the line's data, as it came
 */
export const readEngineFailure = (
  definition: EngineDefinition,
  status: number,
  body: string,
): EngineFailure => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  for (const shape of definition.errorShapes) {
    const parsed = shapes[shape].safeParse(json);
    if (!parsed.success) continue;
    const { message, type, param } = parsed.data;
    const own = Number(parsed.data.code);
    return {
      status: status >= 400 ? status : own >= 400 && own < 600 ? own : 500,
      message,
      type: type ?? undefined,
      param: param ?? undefined,
    };
  }
  return {
    status: status >= 400 ? status : 500,
    message: body.trim().slice(0, UNKNOWN_SHAPE_CHARACTERS) || `HTTP status ${status} without a message`,
    type: undefined,
    param: undefined,
  };
};

/** A request's fault, or none at all: such words in a log say nothing about why the engine ended. */
const OF_REQUESTS: readonly KnownError['meaning'][] = [
  'busy',
  'context-exceeded',
  'loading',
  'model-unknown',
];

/** The first known reason in an engine's last words for which it may have ended. */
export const explainEnd = (definition: EngineDefinition, words: string): KnownError | undefined =>
  explainFailure(
    {
      ...definition,
      knownErrors: definition.knownErrors.filter(({ meaning }) => !OF_REQUESTS.includes(meaning)),
    },
    words,
  );

/** The first known error in a message or in the last lines of a log; undefined when none is recognised. */
export const explainFailure = (definition: EngineDefinition, words: string): KnownError | undefined => {
  const lower = words.toLowerCase();
  return definition.knownErrors.find(({ contains }) => lower.includes(contains.toLowerCase()));
};
