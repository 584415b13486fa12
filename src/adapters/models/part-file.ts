// A download under way: the bytes so far, and beside them what must still be true of the source to go on.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ModelFile } from '../../protocol/model-manifest.js';
import { type FetchedFile, type ResumePoint, SourceError, type Validator } from './model-fetcher.js';

const partNote = z.object({
  source: z.string(),
  validator: z
    .object({ etag: z.string(), lastModified: z.undefined().optional() })
    .or(z.object({ lastModified: z.string(), etag: z.undefined().optional() })),
});

export class PartFile {
  readonly #path: string;
  readonly #notePath: string;

  /** @param path of the part; its note lies beside it */
  constructor(path: string) {
    this.#path = path;
    this.#notePath = `${path}.json`;
  }

  /** Bytes held, however they may be used. */
  async heldBytes(): Promise<number> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (file === undefined) return 0;
    const { size } = await file.stat();
    await file.close();
    return size;
  }

  /** Where a download from this source may go on; undefined: from the start. An unreadable note counts as none. */
  async resumePoint(source: string, sizeBytes: number): Promise<ResumePoint | undefined> {
    const offset = await this.heldBytes();
    if (offset === 0 || offset >= sizeBytes) return undefined;
    try {
      const note = partNote.parse(JSON.parse(await readFile(this.#notePath, 'utf8')));
      if (note.source !== source) return undefined;
      const { etag, lastModified } = note.validator;
      const validator: Validator = {
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      };
      return { offset, validator };
    } catch {
      return undefined;
    }
  }

  /**
   * Writes and hashes what comes; at the end the part is whole, on disk, and has the manifest's digest.
   * @param onBytes called with all bytes held of this file, after each write
   * @throws SourceError `cut` and `stalled` leave the part for a later try, `wrong_length` and `wrong_bytes` remove it
   */
  async fill(
    wanted: ModelFile,
    source: string,
    fetched: FetchedFile,
    onBytes: (held: number) => void,
  ): Promise<void> {
    const file = await open(this.#path, fetched.start === 0 ? 'w' : 'r+', 0o600);
    try {
      if (fetched.start === 0) await this.#note(source, fetched.validator);
      const hash = await hashOfStart(file, fetched.start);
      await append(file, hash, wanted.size_bytes, fetched, onBytes);
      if (`sha256:${hash.digest('hex')}` !== wanted.sha256) {
        throw new SourceError('wrong_bytes', 'the bytes do not have the digest of the manifest');
      }
      await file.datasync();
    } catch (error) {
      if (error instanceof SourceError && (error.fault === 'wrong_bytes' || error.fault === 'wrong_length')) {
        await this.remove();
      }
      throw error;
    } finally {
      await file.close();
    }
  }

  async moveTo(path: string): Promise<void> {
    await rename(this.#path, path);
    await this.remove();
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(this.#notePath, { force: true });
  }

  async #note(source: string, validator: Validator | undefined): Promise<void> {
    if (validator === undefined) await rm(this.#notePath, { force: true });
    else await writeFile(this.#notePath, JSON.stringify({ source, validator }), { mode: 0o600 });
  }
}

const hashOfStart = async (file: FileHandle, bytes: number): Promise<Hash> => {
  const hash = createHash('sha256');
  if (bytes === 0) return hash;
  const start = file.createReadStream({
    start: 0,
    end: bytes - 1,
    autoClose: false,
    highWaterMark: 1024 * 1024,
  });
  for await (const chunk of start) hash.update(chunk);
  return hash;
};

const append = async (
  file: FileHandle,
  hash: Hash,
  sizeBytes: number,
  { start, bytes }: FetchedFile,
  onBytes: (held: number) => void,
): Promise<void> => {
  let held = start;
  for await (const chunk of bytes) {
    if (held + chunk.length > sizeBytes) {
      throw new SourceError('wrong_length', `the source sends more than ${sizeBytes} bytes`);
    }
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, written, chunk.length - written, held + written);
      written += bytesWritten;
    }
    hash.update(chunk);
    held += chunk.length;
    onBytes(held);
  }
  if (held < sizeBytes) throw new SourceError('cut', `the source ended after ${held} of ${sizeBytes} bytes`);
};
