// Why a bridge cannot listen.
import { NodeError } from '../../errors.js';

/** The socket's place is taken, cannot be used, or is too long to be one. */
export class BridgeListenError extends NodeError {
  readonly code = 'BRIDGE_LISTEN_FAILED';
  readonly retryable = false;
}
