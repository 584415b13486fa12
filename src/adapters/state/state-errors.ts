// What can be wrong with the node's data directory and the documents in it.
import { NodeError } from '../../errors.js';

/** The data directory cannot be used: missing rights, foreign owner, or no directory at all. */
export class DataDirectoryError extends NodeError {
  readonly code = 'DATA_DIRECTORY';
  readonly retryable = false;
}

/** Another daemon holds this data directory. */
export class DaemonRunningError extends NodeError {
  readonly code = 'DAEMON_RUNNING';
  readonly retryable = false;
}

/** A file of the state could not be written; what was there before still is. */
export class StateWriteError extends NodeError {
  readonly code = 'STATE_WRITE';
  readonly retryable = true;
}

/** A file of the state could not be read: rights, a directory in its place, larger than it may be. */
export class StateReadError extends NodeError {
  readonly code = 'STATE_READ';
  readonly retryable = false;
}

/** Neither the document nor its previous copy is whole. Nothing was moved or changed. */
export class DocumentCorruptError extends NodeError {
  readonly code = 'DOCUMENT_CORRUPT';
  readonly retryable = false;
}

/** A newer version of the node wrote the document. */
export class DocumentTooNewError extends NodeError {
  readonly code = 'DOCUMENT_TOO_NEW';
  readonly retryable = false;
}

/** A document of a version so old that nothing here leads on from it. Nothing was changed. */
export class DocumentTooOldError extends NodeError {
  readonly code = 'DOCUMENT_TOO_OLD';
  readonly retryable = false;
}

/** A document has grown beyond what would be read back; it was not written. */
export class DocumentTooLargeError extends NodeError {
  readonly code = 'DOCUMENT_TOO_LARGE';
  readonly retryable = false;
}

/** The `code` of a system error, e.g. `ENOENT`; undefined for anything else. */
export const systemCode = (caught: unknown): string | undefined =>
  caught instanceof Error && 'code' in caught && typeof caught.code === 'string' ? caught.code : undefined;

/** Words for the system's reasons an owner can act on. */
export const adviceFor = (caught: unknown): string => {
  switch (systemCode(caught)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free space on the disk of the data directory.';
    case 'EFBIG':
      return 'A limit on the size of files is in the way: raise it (`ulimit -f`).';
    case 'EROFS':
      return 'The file system is mounted read-only: mount the data directory writable.';
    case 'EACCES':
    case 'EPERM':
      return 'Give the data directory and its files to the user that runs the node, e.g. `chown -R "$(id -u)" <data directory>`.';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'Something on this path is a file where a directory is needed: name another path (--data-dir).';
    case 'EIO':
      return 'The disk reports errors: check it (`dmesg`, `smartctl`) and restore from a backup if need be.';
    default:
      return 'Check the disk of the data directory.';
  }
};
