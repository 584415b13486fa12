// The log of reports cannot be kept, read or found.
import { NodeError } from '../../errors.js';

export class ReportLogError extends NodeError {
  readonly code = 'REPORT_LOG';
  readonly retryable = true;
}
