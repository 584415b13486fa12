// What can be wrong with an order about a node.
import { NodeError } from '../../errors.js';

/** No node of this id has registered. */
export class UnknownNodeError extends NodeError {
  readonly code = 'UNKNOWN_NODE';
  readonly retryable = false;
}

/** The node belongs to somebody else. */
export class AlreadyBoundError extends NodeError {
  readonly code = 'ALREADY_BOUND';
  readonly retryable = false;
}
