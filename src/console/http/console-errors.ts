// What the console's server refuses, and why it may not be there at all.
import { NodeError } from '../../errors.js';

/** The console could not be opened; the node goes on without it. */
export class ConsoleListenError extends NodeError {
  readonly code = 'CONSOLE_LISTEN';
  readonly retryable = false;
}

/** As many viewers as there may be. */
export class FeedFullError extends NodeError {
  readonly code = 'FEED_FULL';
  readonly retryable = true;
}

/** The path leads nowhere. */
export class NoSuchPlaceError extends NodeError {
  readonly code = 'NOT_FOUND';
  readonly retryable = false;
}

/** The request cannot be understood. */
export class UsageError extends NodeError {
  readonly code = 'USAGE';
  readonly retryable = false;
}
