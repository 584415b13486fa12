// Why a node is not bound to an owner.
import { NodeError, type NodeErrorOptions } from '../../errors.js';

/** No open binding of this id for this node. */
export class UnknownBindingError extends NodeError {
  readonly code = 'UNKNOWN_BINDING';
  readonly retryable = false;
}

/** Ten minutes have passed. */
export class BindingExpiredError extends NodeError {
  readonly code = 'BINDING_EXPIRED';
  readonly retryable = false;
}

/** The binding has served, or too many wrong proofs were given. */
export class BindingSpentError extends NodeError {
  readonly code = 'BINDING_SPENT';
  readonly retryable = false;
}

/** Not the owner's signature over the text, or not the code of the mail. */
export class ProofRefusedError extends NodeError {
  readonly code = 'PROOF_REFUSED';
  readonly retryable = false;
}

/** The node, or mails to this address, were asked for too often. */
export class TooManyBindingsError extends NodeError {
  readonly code = 'TOO_MANY_BINDINGS';
  readonly retryable = true;

  constructor(
    message: string,
    /** Milliseconds until it may succeed. */
    readonly retryAfterMs: number,
    options: NodeErrorOptions = {},
  ) {
    super(message, options);
  }
}
