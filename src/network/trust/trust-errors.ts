// Why a network cannot speak with the keys it finds.
import { NodeError } from '../../errors.js';

export type NetworkKeysProblem =
  | 'another_network'
  | 'unreadable'
  | 'open_to_others'
  | 'malformed'
  | 'foreign_key';

/** The directory of keys cannot be used; `problem` says which way. */
export class NetworkKeysError extends NodeError {
  readonly code = 'NETWORK_KEYS';
  readonly retryable = false;

  constructor(
    readonly problem: NetworkKeysProblem,
    message: string,
    options: { readonly advice: string; readonly cause?: unknown },
  ) {
    super(message, { ...options, details: { problem } });
  }
}
