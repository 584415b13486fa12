// One model's download: which files are missing, whether they fit, and each from the first source that gives it.
import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelFile, ModelManifest } from '../../protocol/model-manifest.js';
import { DiskFullError, ModelDownloadError } from './model-errors.js';
import { type ModelFetcher, SourceError, type SourceFault } from './model-fetcher.js';
import type { DownloadProgress } from './model-store.js';
import { PartFile } from './part-file.js';

export interface DownloadSettings {
  readonly fetcherOf: (url: URL) => ModelFetcher;
  readonly freeBytes: () => Promise<number>;
  readonly reserveBytes: number;
  readonly progressEveryMs: number;
  readonly monotonicMs: () => number;
}

/** Bytes between two looks at the free space: others write to the disk as well. */
const LOOK_AGAIN_BYTES = 256 * 1024 * 1024;
const RANGE_FAULTS: ReadonlySet<SourceFault> = new Set(['refused', 'wrong_length']);
const ADVICE = 'Free space on the disk of the data directory, or remove models the network no longer lists.';

interface Missing {
  readonly file: ModelFile;
  readonly part: PartFile;
}

export class DownloadPlan {
  readonly #folder: string;
  readonly #files: ModelManifest;
  readonly #settings: DownloadSettings;

  /** @param folder the model's quarantine: `files/` holds whole files, `parts/` those under way */
  constructor(folder: string, files: ModelManifest, settings: DownloadSettings) {
    this.#folder = folder;
    this.#files = files;
    this.#settings = settings;
  }

  /** @throws ModelDownloadError, DiskFullError, the signal's reason */
  async run(onProgress: (progress: DownloadProgress) => void, signal: AbortSignal): Promise<void> {
    await mkdir(join(this.#folder, 'files'), { recursive: true, mode: 0o700 });
    await mkdir(join(this.#folder, 'parts'), { recursive: true, mode: 0o700 });
    const totalBytes = this.#files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    const missing = await this.#missing();
    let doneBytes = totalBytes - missing.reduce((sum, { file }) => sum + file.size_bytes, 0);
    await this.#checkSpace(missing);
    const report = this.#throttled(onProgress, totalBytes);
    for (const { file, part } of missing) {
      const before = doneBytes;
      await this.#fetch(file, part, (held) => report(before + held), signal);
      doneBytes += file.size_bytes;
    }
    onProgress({ doneBytes: totalBytes, totalBytes });
  }

  async #missing(): Promise<readonly Missing[]> {
    const missing: Missing[] = [];
    for (const [at, file] of this.#files.entries()) {
      const stat = await lstat(join(this.#folder, 'files', file.path)).catch(() => undefined);
      if (stat?.isFile() === true && stat.size === file.size_bytes) continue;
      // The digest fixes the manifest, so a file's place in it is a name for its part.
      missing.push({ file, part: new PartFile(join(this.#folder, 'parts', String(at))) });
    }
    return missing;
  }

  async #checkSpace(missing: readonly Missing[]): Promise<void> {
    let neededBytes = this.#settings.reserveBytes;
    for (const { file, part } of missing) {
      neededBytes += Math.max(0, file.size_bytes - (await part.heldBytes()));
    }
    const freeBytes = await this.#settings.freeBytes();
    if (missing.length > 0 && freeBytes < neededBytes) {
      throw new DiskFullError(
        `the model needs ${neededBytes} bytes with the reserve; ${freeBytes} are free`,
        { advice: ADVICE, details: { neededBytes, freeBytes } },
      );
    }
  }

  async #fetch(
    file: ModelFile,
    part: PartFile,
    onHeld: (held: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const attempts: { readonly source: string; readonly fault: string; readonly message: string }[] = [];
    for (const source of file.sources) {
      const url = new URL(source);
      try {
        await this.#fetchFrom(url, file, part, onHeld, signal);
        const target = join(this.#folder, 'files', file.path);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await part.moveTo(target);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof SourceError)) throw diskError(error, file);
        // Only the origin: paths and queries of sources may hold credentials.
        const from = url.protocol === 'file:' ? 'file:' : url.origin;
        attempts.push({ source: from, fault: error.fault, message: error.message });
      }
    }
    throw new ModelDownloadError(`no source gave the file ${file.path}: ${attempts.at(-1)?.message}`, {
      advice: 'It is tried again at the next synchronisation; check that the sources can be reached.',
      details: { path: file.path, attempts },
    });
  }

  async #fetchFrom(
    url: URL,
    file: ModelFile,
    part: PartFile,
    onHeld: (held: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const fetcher = this.#settings.fetcherOf(url);
    const resume = await part.resumePoint(url.href, file.size_bytes);
    const fetched = await fetcher.open(url, file.size_bytes, resume, signal).catch((error: unknown) => {
      // A range may be refused (416), or be one of other content, where the whole file is not.
      if (resume === undefined || !(error instanceof SourceError) || !RANGE_FAULTS.has(error.fault))
        throw error;
      return fetcher.open(url, file.size_bytes, undefined, signal);
    });
    const watched = { ...fetched, bytes: this.#watchSpace(fetched.bytes, signal) };
    await part.fill(file, url.href, watched, onHeld);
  }

  async *#watchSpace(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let since = 0;
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      since += chunk.length;
      if (since >= LOOK_AGAIN_BYTES) {
        since = 0;
        const freeBytes = await this.#settings.freeBytes();
        if (freeBytes < this.#settings.reserveBytes) {
          throw new DiskFullError('the disk has filled up during the download', {
            advice: ADVICE,
            details: { freeBytes },
          });
        }
      }
      yield chunk;
    }
  }

  #throttled(onProgress: (progress: DownloadProgress) => void, totalBytes: number) {
    const { monotonicMs, progressEveryMs } = this.#settings;
    let last = Number.NEGATIVE_INFINITY;
    return (doneBytes: number): void => {
      if (doneBytes === totalBytes || monotonicMs() - last < progressEveryMs) return;
      last = monotonicMs();
      onProgress({ doneBytes, totalBytes });
    };
  }
}

const diskError = (error: unknown, file: ModelFile): unknown => {
  if (error instanceof DiskFullError || !(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return new DiskFullError('the disk is full', { cause: error, advice: ADVICE });
  return new ModelDownloadError(`the file ${file.path} cannot be stored (${String(error.code)})`, {
    cause: error,
    details: { path: file.path, attempts: [] },
    advice: 'Check the permissions of the data directory.',
  });
};
