// What the Cloud API allows a key and how patient it is. Defaults of the reference network; tests set their own.
import { LIMITS, TIMES } from '../../protocol/limits.js';

export interface CloudLimits {
  /** Per API key. The public documentation names 30 to 120. */
  readonly requestsPerSecond: number;
  /** A request must fit into an offer to a node, beside the offer's other fields. */
  readonly bodyBytes: number;
  /** How long a stream's status may wait for the first chunk, so that "no capacity" can still be a real 503. */
  readonly holdBackMs: number;
  /** Between comment lines of a stream with nothing else to say. */
  readonly commentMs: number;
  /** Whole life of a job when the client names none. */
  readonly ttlMs: number;
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
}

export const DEFAULT_LIMITS: CloudLimits = {
  requestsPerSecond: 60,
  bodyBytes: LIMITS.offerBytes - 64 * 1024,
  holdBackMs: 10_000,
  commentMs: 10_000,
  ttlMs: 600_000,
  minTtlMs: 1_000,
  maxTtlMs: TIMES.jobMaxMs,
};
