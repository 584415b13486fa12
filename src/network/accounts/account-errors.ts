// What can be wrong with an operator's orders about accounts and keys.
import { NodeError } from '../../errors.js';

/** A name that cannot be given: not in the alphabet, or taken. */
export class AccountNameError extends NodeError {
  readonly code = 'ACCOUNT_NAME';
  readonly retryable = false;
}

export class UnknownAccountError extends NodeError {
  readonly code = 'UNKNOWN_ACCOUNT';
  readonly retryable = false;
}

export class UnknownNamespaceError extends NodeError {
  readonly code = 'UNKNOWN_NAMESPACE';
  readonly retryable = false;
}

export class UnknownKeyError extends NodeError {
  readonly code = 'UNKNOWN_KEY';
  readonly retryable = false;
}
