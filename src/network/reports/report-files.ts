// The uploaded segments: one directory per node, `<report>.part` while it grows, `<report>.ndjson` once it is whole.
// How much is held is the size of the file, so a restart needs no other record of it.
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../protocol/primitives.js';
import { ReportStorageError } from './report-errors.js';

/** Which segment; both parts have been checked by their schemas, so they are safe as names. */
export interface SegmentName {
  readonly node: string;
  readonly report: string;
}

export interface ReportFiles {
  /** Bytes on disk. */
  held(name: SegmentName): Promise<number>;
  /** Puts the piece behind the `offset` bytes held; all of it is on disk afterwards, or none. */
  append(name: SegmentName, offset: number, piece: Uint8Array): Promise<void>;
  digest(name: SegmentName): Promise<Digest>;
  /** Gives the whole segment its final name. Safe to repeat. */
  seal(name: SegmentName): Promise<void>;
  remove(name: SegmentName): Promise<void>;
}

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/** @param directory made if missing (0700) */
export const createReportFiles = (directory: string): ReportFiles => {
  const folderOf = ({ node }: SegmentName): string => join(directory, node.toLowerCase());
  const partOf = (name: SegmentName): string => join(folderOf(name), `${name.report}.part`);
  const wholeOf = (name: SegmentName): string => join(folderOf(name), `${name.report}.ndjson`);

  /** The file that holds the bytes now, and how many. */
  const locate = async (name: SegmentName): Promise<{ readonly path: string; readonly bytes: number }> => {
    for (const path of [wholeOf(name), partOf(name)]) {
      const found = await stat(path).catch(orMissing);
      if (found !== undefined) return { path, bytes: found.size };
    }
    return { path: partOf(name), bytes: 0 };
  };

  return {
    held: (name) => guarded(async () => (await locate(name)).bytes),
    append: (name, offset, piece) =>
      guarded(async () => {
        await mkdir(folderOf(name), { recursive: true, mode: 0o700 });
        await withFile(await open(partOf(name), WRITE, 0o600), async (file) => {
          try {
            await writeAll(file, piece, offset);
            await file.datasync();
          } catch (cause) {
            await file.truncate(offset).catch(() => undefined); // a torn piece would count as held
            throw cause;
          }
        });
      }),
    digest: (name) =>
      guarded(async () => {
        const hash = createHash('sha256');
        const { path, bytes } = await locate(name);
        if (bytes > 0) for await (const chunk of createReadStream(path)) hash.update(chunk);
        return `sha256:${hash.digest('hex')}`;
      }),
    seal: (name) =>
      guarded(async () => {
        await mkdir(folderOf(name), { recursive: true, mode: 0o700 });
        const { path, bytes } = await locate(name);
        if (bytes === 0) await withFile(await open(path, WRITE, 0o600), (file) => file.sync());
        await rename(path, wholeOf(name));
        await withFile(await open(folderOf(name), 'r'), (folder) => folder.sync());
      }),
    remove: (name) =>
      guarded(async () => {
        await rm(partOf(name), { force: true });
        await rm(wholeOf(name), { force: true });
      }),
  };
};

const writeAll = async (file: FileHandle, piece: Uint8Array, offset: number): Promise<void> => {
  let written = 0;
  while (written < piece.length) {
    const { bytesWritten } = await file.write(piece, written, piece.length - written, offset + written);
    written += bytesWritten;
  }
};

const withFile = async (file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> => {
  try {
    await use(file);
  } finally {
    await file.close();
  }
};

const orMissing = (cause: unknown): undefined => {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
  throw cause;
};

const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new ReportStorageError('the network cannot store log reports at the moment', {
      cause,
      advice: 'The operator of the network must look at its disk. Keep the segment and send it again later.',
    });
  }
};
