// When this machine's clock is too far from the network's: what it signs outside of a session is refused then.
import { CLOCK_ADVICE } from '../adapters/network-http/network-http-errors.js';
import type { Failure } from '../errors.js';
import { TIMES } from '../protocol/limits.js';

/** @param offsetMs this clock minus the network's */
export const clockFailure = (offsetMs: number): Failure | null =>
  Math.abs(offsetMs) <= TIMES.clockSkewMs
    ? null
    : {
        code: 'CLOCK_SKEW',
        message: `this machine's clock is ${Math.round(Math.abs(offsetMs) / 1000)} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the network's: the network refuses what the node signs outside of its session, such as log reports`,
        retryable: true,
        advice: CLOCK_ADVICE,
      };
