// The lines of a recording: what every statechart was told, and where it stood afterwards. NDJSON, the header first.
import { z } from 'zod';
import { NodeError } from '../errors.js';

export const RECORDING_SCHEMA = 1;

export const recordingHeader = z.object({
  kind: z.literal('recording'),
  schemaVersion: z.number(),
  agentVersion: z.string(),
  /** Epoch milliseconds; every other line counts from here. */
  startedMs: z.number(),
  /** Digest of each statechart's drawing, by name: another one may decide otherwise. */
  charts: z.record(z.string(), z.string()),
});
export type RecordingHeader = z.infer<typeof recordingHeader>;

/** Where a statechart stands. */
const standing = {
  value: z.unknown(),
  status: z.enum(['active', 'done', 'error', 'stopped']),
  /** Members of the context that are other than before; a member that went is in `gone`. */
  context: z.record(z.string(), z.unknown()).optional(),
  gone: z.array(z.string()).optional(),
};

const birthLine = z.object({
  kind: z.literal('actor'),
  at: z.number(),
  /** XState's session id: unique in the process. */
  actor: z.string(),
  parent: z.string().nullable(),
  id: z.string(),
  machine: z.string(),
  input: z.unknown().optional(),
  ...standing,
});

const stepLine = z.object({
  kind: z.literal('event'),
  at: z.number(),
  actor: z.string(),
  event: z.looseObject({ type: z.string() }),
  ...standing,
});

/** The recording ends early, on purpose. */
const endLine = z.object({ kind: z.literal('end'), at: z.number(), reason: z.string() });

export const recordingLine = z.discriminatedUnion('kind', [birthLine, stepLine, endLine]);
export type RecordingLine = z.infer<typeof recordingLine>;
export type BirthLine = z.infer<typeof birthLine>;
export type StepLine = z.infer<typeof stepLine>;
export type Standing = Pick<StepLine, 'value' | 'status' | 'context' | 'gone'>;

/** The file is no recording, or not one this version reads. */
export class RecordingError extends NodeError {
  readonly code = 'RECORDING';
  readonly retryable = false;
}

/** @throws RecordingError */
export const parseHeader = (text: string): RecordingHeader => {
  const advice = 'Name a file that `resultity-node start --record FILE` wrote.';
  const parsed = recordingHeader.safeParse(parseJson(text));
  if (!parsed.success) throw new RecordingError('line 1: this is no recording', { advice });
  const { schemaVersion } = parsed.data;
  if (schemaVersion !== RECORDING_SCHEMA) {
    throw new RecordingError(
      `line 1: a recording of form ${schemaVersion}, and this version reads form ${RECORDING_SCHEMA}`,
      { advice: `Replay it with the version that made it: ${parsed.data.agentVersion}.` },
    );
  }
  return parsed.data;
};

/** @param number of the line, from 1; @throws RecordingError */
export const parseLine = (text: string, number: number): RecordingLine => {
  const parsed = recordingLine.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new RecordingError(`line ${number}: damaged (${z.prettifyError(parsed.error)})`, {
    advice: `What comes before is sound: \`--until ${number - 1}\` replays it.`,
  });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
