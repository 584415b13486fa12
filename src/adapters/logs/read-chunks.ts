// A segment's bytes in pieces, and what they add up to. Synchronous: a log is looked at before anything is logged to it.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

export const LF = 0x0a;
const READ_BYTES = 1024 * 1024;

/** @param visit gets a buffer that is used again for the next piece, and where in the file it begins */
export const readChunks = (fd: number, size: number, visit: (chunk: Buffer, start: number) => void): void => {
  const buffer = Buffer.alloc(Math.min(size, READ_BYTES));
  for (let start = 0; start < size; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, size - start), start);
    if (read === 0) return;
    visit(buffer.subarray(0, read), start);
    start += read;
  }
};

export const countLines = (chunk: Buffer): number => {
  let lines = 0;
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) lines++;
  return lines;
};

export interface SegmentMeasure {
  readonly bytes: number;
  readonly lines: number;
  /** `sha256:…` */
  readonly sha256: string;
}

/** @throws whatever the file system throws */
export const measureSegment = (path: string): SegmentMeasure => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    const { size } = fstatSync(fd);
    let lines = 0;
    readChunks(fd, size, (chunk) => {
      hash.update(chunk);
      lines += countLines(chunk);
    });
    return { bytes: size, lines, sha256: `sha256:${hash.digest('hex')}` };
  } finally {
    closeSync(fd);
  }
};
