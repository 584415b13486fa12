// Models on disk, named by the digest of their manifest and shared by networks. Downloaded into quarantine, verified by
// SHA-256, activated by one rename; a path never comes from a model's name.
import type { ModelManifest } from '../../protocol/model-manifest.js';

export interface DownloadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ModelStore {
  /** Directory of a verified model; undefined when it is not installed. */
  pathOf(digest: string): string | undefined;
  installed(): Promise<readonly string[]>;
  /**
   * Fetches missing files into quarantine, resuming what is there; each source is tried in order. Nothing to fetch for
   * an empty manifest.
   * @throws ModelDownloadError and DiskFullError (retryable), ModelRefusedError, the signal's reason
   */
  download(
    digest: string,
    files: ModelManifest,
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Hashes every file in quarantine (or, if installed, in place), refuses extra files and links, then activates by rename.
   * @throws ModelCorruptError: the bad files have been removed, so that the next download fetches them again
   * @throws ModelRefusedError: a hostile manifest, or a configuration that names code; nothing of it stays
   */
  verify(digest: string, files: ModelManifest, signal: AbortSignal): Promise<void>;
  /** Removes installed and quarantined files. */
  remove(digest: string): Promise<void>;
}
