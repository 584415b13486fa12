// Why a network does not start. Each says what to do.
import { NodeError } from '../../errors.js';

/** An option has no meaning, or two contradict each other. */
export class NetworkOptionsError extends NodeError {
  readonly code = 'NETWORK_OPTIONS';
  readonly retryable = false;
}

/** The data directory cannot be used: not writable, somebody else's, or of another kind. */
export class NetworkDirectoryError extends NodeError {
  readonly code = 'NETWORK_DIRECTORY';
  readonly retryable = false;
}

/** Another process holds the data directory. */
export class NetworkRunningError extends NodeError {
  readonly code = 'NETWORK_RUNNING';
  readonly retryable = false;
}

/** The address could not be bound. */
export class NetworkListenError extends NodeError {
  readonly code = 'NETWORK_LISTEN';
  readonly retryable = false;
}
