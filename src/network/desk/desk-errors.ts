// Why a job is not admitted. The codes are what the Cloud API goes by.
import { NodeError } from '../../errors.js';

export class UnknownModelError extends NodeError {
  readonly code = 'UNKNOWN_MODEL';
  readonly retryable = false;
}

/** More tokens are asked for, or more input is sent, than the configuration or the model's context allows. */
export class TooManyTokensError extends NodeError {
  readonly code = 'TOO_MANY_TOKENS';
  readonly retryable = false;
}
