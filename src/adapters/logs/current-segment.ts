// The segment that grows: whole lines only, counted and hashed as they are written.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { countLines, LF, readChunks } from './read-chunks.js';

export class CurrentSegment {
  readonly #fd: number;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #lines = 0;
  /** It has lines that are worth a report. */
  #hasNews = false;
  isClosed = false;
  /** A last line that was not finished before a crash has been cut off. */
  readonly wasTorn: boolean;

  /** Opens or creates the file, counts its lines, and cuts a torn one. */
  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    const { size } = fstatSync(this.#fd);
    this.#bytes = this.#endOfLastLine(size);
    this.wasTorn = this.#bytes < size;
    if (this.wasTorn) ftruncateSync(this.#fd, this.#bytes);
    readChunks(this.#fd, this.#bytes, (chunk) => {
      this.#hash.update(chunk);
      this.#lines += countLines(chunk);
    });
    // Whatever an earlier process left: one report too many does no harm.
    this.#hasNews = this.#lines > 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  get hasNews(): boolean {
    return this.#hasNews;
  }

  sha256(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }

  /**
   * @param isNews whether the line alone is worth a report
   * @throws whatever the file system throws; the file then ends where it did before
   */
  append(line: string, isNews = true): void {
    if (this.isClosed) throw new Error('the segment is closed');
    const bytes = Buffer.from(`${line}\n`);
    try {
      const written = writeSync(this.#fd, bytes, 0, bytes.length, this.#bytes);
      if (written < bytes.length) throw new Error('the disk took a part of the line only');
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#lines++;
    this.#hasNews ||= isNews;
  }

  async flush(): Promise<void> {
    await promisify(fdatasync)(this.#fd);
  }

  /** From here on nothing may use its number: the system gives it to the next file that is opened. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    closeSync(this.#fd);
  }

  #endOfLastLine(size: number): number {
    let end = 0;
    readChunks(this.#fd, size, (chunk, start) => {
      const last = chunk.lastIndexOf(LF);
      if (last !== -1) end = start + last + 1;
    });
    return end;
  }
}
