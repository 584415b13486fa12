// What services throw of their own: failures that are neither the protocol's nor an adapter's.
import { NodeError } from '../errors.js';
import { REPORT_GONE } from '../machines/report-machine.js';

/** There is no session to send on. */
export class LinkDownError extends NodeError {
  readonly code = 'LINK_DOWN';
  readonly retryable = true;
}

/** A configuration snapshot that is genuine and still not acceptable. */
export class ConfigRefusedError extends NodeError {
  readonly code = 'CONFIG_REFUSED';
  readonly retryable = false;
}

/** The network a URL leads to is not the one this node belongs to. */
export class NetworkMismatchError extends NodeError {
  readonly code = 'NETWORK_MISMATCH';
  readonly retryable = false;
}

/** The engine runs and does not serve what the configuration lists. */
export class RuntimeMismatchError extends NodeError {
  readonly code = 'RUNTIME_MISMATCH';
  readonly retryable = false;
}

/** A model answered its test inference wrongly, or not at all. */
export class ModelTestError extends NodeError {
  readonly code = 'MODEL_TEST_FAILED';
  readonly retryable = true;
}

/** The network's receipt for a report does not match what was sent. */
export class ReportReceiptError extends NodeError {
  readonly code = 'REPORT_RECEIPT';
  readonly retryable = true;
}

/** The segment is not kept any more: the log's bound, damage, or the network's final refusal took it. */
export class ReportGoneError extends NodeError {
  readonly code = REPORT_GONE;
  readonly retryable = false;
}
