// What can be wrong with the network's memory.
import { NodeError } from '../../errors.js';

/** A stored record does not fit its schema. */
export class CorruptRecordError extends NodeError {
  readonly code = 'CORRUPT_RECORD';
  readonly retryable = false;
}

/** A record that could not be read back is not written. */
export class UnreadableRecordError extends NodeError {
  readonly code = 'UNREADABLE_RECORD';
  readonly retryable = false;
}
