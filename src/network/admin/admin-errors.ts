// What an operator's command can run into on its way to the network and back.
import { type Failure, NodeError } from '../../errors.js';

/** Nobody listens on the data directory's socket. */
export class NetworkNotRunningError extends NodeError {
  readonly code = 'NETWORK_NOT_RUNNING';
  readonly retryable = true;
}

/** The socket cannot be made: its path is too long, or the system refuses. */
export class AdminSocketError extends NodeError {
  readonly code = 'ADMIN_SOCKET';
  readonly retryable = false;
}

/** The network's answer makes no sense to this version of the command. */
export class AdminAnswerError extends NodeError {
  readonly code = 'ADMIN_ANSWER';
  readonly retryable = false;
}

/** No account, key, job or receipt has this name. */
export class NotFoundError extends NodeError {
  readonly code = 'NOT_FOUND';
  readonly retryable = false;
}

/** An error of the network, told again on this side with its own code. */
export class AdminRefusedError extends NodeError {
  readonly code: string;
  readonly retryable: boolean;

  constructor({ code, message, retryable, advice }: Failure) {
    super(message, advice === undefined ? {} : { advice });
    this.code = code;
    this.retryable = retryable;
  }
}
