// How a call to the network's HTTP side fails: it said no, it could not be reached, or it did not make sense.
import { NodeError, type NodeErrorOptions } from '../../errors.js';
import type { Problem } from '../../protocol/http.js';

/** Statuses that say "later", not "no". */
const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500;

/** The problem's code when what a node signed is dated too far from the network's time. */
const CLOCK_SKEW = 'clock_skew';
export const CLOCK_ADVICE =
  'Let the system set this machine’s clock, e.g. with `timedatectl set-ntp true`; the node goes on by itself then.';

/**
 * The network answered with an error. `details.status`; `details.problem` as far as it sent one (RFC 9457);
 * `details.retryAfterMs` where it named a time.
 */
export class NetworkRefusedError extends NodeError {
  readonly code: 'NETWORK_REFUSED' | 'CLOCK_SKEW';

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
      ...(problem?.code === CLOCK_SKEW ? { advice: CLOCK_ADVICE } : options),
      details: {
        status,
        ...(problem === undefined ? {} : { problem }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    });
    this.code = problem?.code === CLOCK_SKEW ? 'CLOCK_SKEW' : 'NETWORK_REFUSED';
  }

  get retryable(): boolean {
    // A clock is set by somebody else, often minutes after the start.
    return this.code === 'CLOCK_SKEW' || isTransient(this.status);
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
