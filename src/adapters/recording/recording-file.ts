// The file a recording goes to: lines gathered in memory and written behind the node's back. Whatever happens to the file
// ends the recording and never the node.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { NodeError } from '../../errors.js';

/** The file cannot be made. */
export class RecordingFileError extends NodeError {
  readonly code = 'RECORDING_FILE';
  readonly retryable = false;
}

export interface RecordingFile {
  /** Never throws and never waits; does nothing once the recording is over. */
  write(line: object): void;
  /** Ends it early; its last line says why. */
  finish(reason: string): void;
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
}

export interface RecordingFileOptions {
  readonly maxBytes: number;
  /** Written as the last line, within the bound, when the bound is reached. */
  readonly lastLine: (reason: string) => object;
  /** The recording ended early, and why. */
  readonly onEnd: (reason: string) => void;
}

/** Lines that wait for a slow disk, at most. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Kept free for the line that says why there are no more. */
const LAST_LINE_BYTES = 256;

const ADVICE: Readonly<Record<string, string>> = {
  EEXIST: 'Nothing is overwritten: name another file, or remove this one.',
  ENOENT: 'Make its directory first.',
  EACCES: 'Choose a directory you may write to.',
};

/** @throws RecordingFileError it is there already, or cannot be made */
export const openRecordingFile = async (
  path: string,
  options: RecordingFileOptions,
): Promise<RecordingFile> => {
  const stream = createWriteStream(path, { flags: (await isPipe(path)) ? 'a' : 'wx', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new RecordingFileError(`cannot record to ${path}: ${code}`, {
      cause,
      advice: ADVICE[code] ?? 'Choose another file.',
    });
  }
  return new OpenRecording(stream, options);
};

/** A named pipe or a device may be written to although it is there. */
const isPipe = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.isFIFO() || found.isCharacterDevice());
};

class OpenRecording implements RecordingFile {
  readonly #stream: WriteStream;
  readonly #options: RecordingFileOptions;
  #bytes = 0;
  #isOver = false;
  #hasEnded = false;

  constructor(stream: WriteStream, options: RecordingFileOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('error', (error: NodeJS.ErrnoException) => this.#end(`the file took no more: ${error.code}`));
  }

  write(line: object): void {
    if (this.#isOver) return;
    const { maxBytes } = this.#options;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    if (this.#bytes + bytes.length > maxBytes - LAST_LINE_BYTES) {
      this.finish(`it reached ${maxBytes} bytes`);
    } else if (this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.finish('the disk was too slow');
    } else {
      this.#bytes += bytes.length;
      this.#stream.write(bytes);
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end();
    });
  }

  finish(reason: string): void {
    if (this.#isOver) return;
    this.#stream.write(`${JSON.stringify(this.#options.lastLine(reason))}\n`);
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#isOver = true;
    this.#stream.end();
    this.#options.onEnd(reason);
  }
}
