// What can go wrong between a manifest and a model on disk.
import { NodeError } from '../../errors.js';

/** No source gave a file. `details.path`, `details.attempts`: per source its origin and why. What came stays, for the next try. */
export class ModelDownloadError extends NodeError {
  readonly code = 'MODEL_DOWNLOAD';
  readonly retryable = true;
}

/** `details.neededBytes`, `details.freeBytes` where they are known. */
export class DiskFullError extends NodeError {
  readonly code = 'DISK_FULL';
  readonly retryable = true;
}

/** Files differ from the manifest; `details.bad` names them. They have been removed. */
export class ModelCorruptError extends NodeError {
  readonly code = 'MODEL_CORRUPT';
  readonly retryable = true;
}

/** The manifest, or a file that matches it, must not be served: downloading it again changes nothing. */
export class ModelRefusedError extends NodeError {
  readonly code = 'MODEL_REFUSED';
  readonly retryable = false;
}
