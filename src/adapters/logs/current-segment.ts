// The segment that grows: whole lines only, counted and hashed as they are written.
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

const LF = 0x0a;
const READ_BYTES = 1024 * 1024;

export class CurrentSegment {
  readonly #fd: number;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #lines = 0;
  /** A last line that was not finished before a crash has been cut off. */
  readonly wasTorn: boolean;

  /** Opens or creates the file, counts its lines, and cuts a torn one. */
  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    const { size } = fstatSync(this.#fd);
    this.#bytes = this.#endOfLastLine(size);
    this.wasTorn = this.#bytes < size;
    if (this.wasTorn) ftruncateSync(this.#fd, this.#bytes);
    this.#eachChunk(this.#bytes, (chunk) => {
      this.#hash.update(chunk);
      for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) this.#lines++;
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  sha256(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }

  /** @throws whatever the file system throws; the file then ends where it did before */
  append(line: string): void {
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
  }

  async flush(): Promise<void> {
    await promisify(fdatasync)(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #endOfLastLine(size: number): number {
    let end = 0;
    this.#eachChunk(size, (chunk, start) => {
      const last = chunk.lastIndexOf(LF);
      if (last !== -1) end = start + last + 1;
    });
    return end;
  }

  #eachChunk(size: number, visit: (chunk: Buffer, start: number) => void): void {
    const buffer = Buffer.alloc(Math.min(size, READ_BYTES));
    for (let start = 0; start < size; ) {
      const read = readSync(this.#fd, buffer, 0, Math.min(buffer.length, size - start), start);
      if (read === 0) return;
      visit(buffer.subarray(0, read), start);
      start += read;
    }
  }
}
