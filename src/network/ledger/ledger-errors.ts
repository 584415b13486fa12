// What can be wrong with an order about money.
import { NodeError } from '../../errors.js';

/** The namespace has less available than the job may cost. */
export class InsufficientCreditsError extends NodeError {
  readonly code = 'INSUFFICIENT_CREDITS';
  readonly retryable = false;
}

/** An amount that is no amount, or a job that is reserved for another namespace or amount already. */
export class LedgerOrderError extends NodeError {
  readonly code = 'LEDGER_ORDER';
  readonly retryable = false;
}
