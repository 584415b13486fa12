// What can go wrong with an inspector that is not part of the node.
import { NodeError } from '../../errors.js';

/** The package is not there. */
export class StatelyMissingError extends NodeError {
  readonly code = 'CONSOLE_STATELY_MISSING';
  readonly retryable = false;
}
