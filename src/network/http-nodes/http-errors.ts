// What is wrong with a request itself, before any room behind the routes has seen it.
import { NodeError, type NodeErrorOptions } from '../../errors.js';

/** The nonce is not ours, too old, or used. */
export class ChallengeRefusedError extends NodeError {
  readonly code = 'CHALLENGE_REFUSED';
  readonly retryable = false;
}

/** So many challenges were used within their life that no more can be remembered. */
export class ChallengesExhaustedError extends NodeError {
  readonly code = 'CHALLENGES_EXHAUSTED';
  readonly retryable = true;
}

/** The path names another node than the one that signed, or the id does not follow from the key. */
export class NodeMismatchError extends NodeError {
  readonly code = 'NODE_MISMATCH';
  readonly retryable = false;
}

/** The node speaks another version of the protocol. */
export class ProtocolUnsupportedError extends NodeError {
  readonly code = 'PROTOCOL_UNSUPPORTED';
  readonly retryable = false;
}

/** A body of another type, or a header that is missing or no number. */
export class BadRequestError extends NodeError {
  readonly code = 'BAD_REQUEST';
  readonly retryable = false;
}

/** The body is not of the type this route takes. */
export class MediaTypeError extends NodeError {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  readonly retryable = false;
}

/** Nothing was published yet, or nothing under this digest. */
export class UnknownConfigError extends NodeError {
  readonly code = 'UNKNOWN_CONFIG';
  readonly retryable = true;
}

/** This address asks too often. */
export class TooManyRequestsError extends NodeError {
  readonly code = 'TOO_MANY_REQUESTS';
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
