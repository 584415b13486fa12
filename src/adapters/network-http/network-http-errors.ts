// How a call to the network's HTTP side fails: it said no, it could not be reached, or it did not make sense.
import { NodeError, type NodeErrorOptions } from '../../errors.js';
import type { Problem } from '../../protocol/http.js';

/** Statuses that say "later", not "no". */
const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500;

/**
 * The network answered with an error. `details.status`; `details.problem` as far as it sent one (RFC 9457);
 * `details.retryAfterMs` where it named a time.
 */
export class NetworkRefusedError extends NodeError {
  readonly code = 'NETWORK_REFUSED';

  constructor(
    message: string,
    readonly status: number,
    /** The network's own words; undefined where the answer was no problem body. */
    readonly problem: Problem | undefined,
    /** Milliseconds the network asks to wait. */
    readonly retryAfterMs: number | undefined,
    options: Pick<NodeErrorOptions, 'advice'> = {},
  ) {
    super(message, {
      ...options,
      details: {
        status,
        ...(problem === undefined ? {} : { problem }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    });
  }

  get retryable(): boolean {
    return isTransient(this.status);
  }
}

/** No whole answer: no route, no TLS, no time left, or the connection broke. `details.reason` is the library's code. */
export class NetworkUnreachableError extends NodeError {
  readonly code = 'NETWORK_UNREACHABLE';
  readonly retryable = true;
}

/** An answer that is not what the protocol says, or larger. Often something between us and the network answers. */
export class NetworkMalformedError extends NodeError {
  readonly code = 'NETWORK_MALFORMED';
  readonly retryable = true;
}
