// Why an upload of a log does not go on.
import { NodeError, type NodeErrorOptions } from '../../errors.js';

/** This id is held with another manifest. */
export class ReportConflictError extends NodeError {
  readonly code = 'REPORT_CONFLICT';
  readonly retryable = false;
}

/** No such report is open here; it was never announced, or had to make room. */
export class UnknownReportError extends NodeError {
  readonly code = 'UNKNOWN_REPORT';
  readonly retryable = false;
}

/** The piece does not begin where the held bytes end. @property offset bytes the network holds */
export class OffsetMismatchError extends NodeError {
  readonly code = 'OFFSET_MISMATCH';
  readonly retryable = true;

  constructor(
    readonly offset: number,
    message: string,
    options: NodeErrorOptions = {},
  ) {
    super(message, { ...options, details: { ...options.details, offset } });
  }
}

/** A report or a piece of it is larger than it may be. */
export class ReportTooLargeError extends NodeError {
  readonly code = 'REPORT_TOO_LARGE';
  readonly retryable = false;
}

/** All bytes came, but they are not the announced ones. They were dropped: the upload begins again at 0. */
export class ReportDigestError extends NodeError {
  readonly code = 'REPORT_DIGEST';
  readonly retryable = true;
}

/** The network cannot write down what it is sent. */
export class ReportStorageError extends NodeError {
  readonly code = 'REPORT_STORAGE';
  readonly retryable = true;
}
