// A recording as a file: NDJSON, a line that says what it is, then one feed record a line. Meant to be mailed and opened
// by somebody who has no node.
import { z } from 'zod';
import { type FeedRecord, feedRecord } from '../../../../src/console/feed/feed-records.js';
import type { Recording } from './recording.js';

export const recordingHeader = z.object({
  format: z.literal('resultity.inspector'),
  schemaVersion: z.literal(1),
  agentVersion: z.string(),
  /** Epoch milliseconds. */
  exportedMs: z.number(),
  /** From this number on nothing was left out on purpose; what comes before says who lived, and where. */
  firstSeq: z.int().min(0),
  /** Names of the node's networks, in the owner's order. */
  networks: z.array(z.string()),
});
export type RecordingHeader = z.infer<typeof recordingHeader>;

export interface RecordingFile {
  readonly header: RecordingHeader;
  readonly recording: Recording;
}

/** Characters of the largest file that is opened: some two hundred thousand records. */
export const LARGEST_FILE = 64_000_000;

export type RecordingFileCode =
  | 'RECORDING_FILE_EMPTY'
  | 'RECORDING_FILE_TOO_LARGE'
  | 'RECORDING_FILE_FOREIGN'
  | 'RECORDING_FILE_NEWER'
  | 'RECORDING_FILE_DAMAGED';

/** A file that is no recording, or no longer a whole one. */
export class RecordingFileError extends Error {
  override readonly name = 'RecordingFileError';
  constructor(
    readonly code: RecordingFileCode,
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** @returns the file's text */
export const writeRecording = (
  { agentVersion, networks }: { readonly agentVersion: string; readonly networks: readonly string[] },
  { records, firstSeq }: Recording,
  exportedMs: number,
): string => {
  const header: RecordingHeader = {
    format: 'resultity.inspector',
    schemaVersion: 1,
    agentVersion,
    exportedMs,
    firstSeq,
    networks: [...networks],
  };
  return `${[header, ...records].map((line) => JSON.stringify(line)).join('\n')}\n`;
};

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** What a newer header and one of `start --record` still have in common with ours. */
const anyHeader = z.looseObject({ schemaVersion: z.number(), format: z.string().optional() });

const readHeader = (line: string): RecordingHeader => {
  const json = parseJson(line);
  const parsed = recordingHeader.safeParse(json);
  if (parsed.success) return parsed.data;
  const other = anyHeader.safeParse(json);
  if (other.success && other.data.format === 'resultity.inspector' && other.data.schemaVersion > 1) {
    throw new RecordingFileError(
      'RECORDING_FILE_NEWER',
      `The recording was made by a newer version (schema ${other.data.schemaVersion}; this page knows 1).`,
      'Open it in the console of a node of that version or newer.',
    );
  }
  throw new RecordingFileError(
    'RECORDING_FILE_FOREIGN',
    'The file is not a recording of this inspector: its first line says something else.',
    other.success
      ? 'A file of `start --record` is played with `resultity-node replay FILE`.'
      : 'Choose a file that was saved with "Export".',
  );
};

const readRecord = (line: string, number: number): FeedRecord => {
  const parsed = feedRecord.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  throw new RecordingFileError(
    'RECORDING_FILE_DAMAGED',
    `Line ${number} is not a record.`,
    'The file was changed or cut after it was exported. Ask for it again, or delete that line.',
  );
};

/** @throws RecordingFileError says which line is wrong and what to do */
export const readRecording = (text: string): RecordingFile => {
  if (text.length > LARGEST_FILE) {
    throw new RecordingFileError(
      'RECORDING_FILE_TOO_LARGE',
      'The file is too large for the page.',
      `Recordings have up to ${LARGEST_FILE / 1e6} MB.`,
    );
  }
  const [first, ...rest] = text.split('\n').map((line) => line.trimEnd());
  if (first === undefined || first === '') {
    throw new RecordingFileError(
      'RECORDING_FILE_EMPTY',
      'The file is empty.',
      'Choose a file that was saved with "Export".',
    );
  }
  const header = readHeader(first);
  const records: FeedRecord[] = [];
  for (const [index, line] of rest.entries()) {
    if (line === '') continue;
    const record = readRecord(line, index + 2);
    const last = records.at(-1);
    if (last !== undefined && record.seq <= last.seq) {
      throw new RecordingFileError(
        'RECORDING_FILE_DAMAGED',
        `Line ${index + 2} is out of order: number ${record.seq} follows ${last.seq}.`,
        'The file was changed after it was exported. Ask for it again.',
      );
    }
    records.push(record);
  }
  return { header, recording: { records, firstSeq: header.firstSeq } };
};
