// How long the network waits for a node that holds an attempt: pure.
import type { AttemptRecord } from './job-record.js';

export interface LeaseFacts {
  readonly attempt: Pick<AttemptRecord, 'accepted_ms' | 'exec_timeout_ms'>;
  /** Last sign of life that concerns the attempt, ms. */
  readonly lastSignMs: number;
  /** Last frame of the node's session; undefined while it is not connected. */
  readonly lastSeenMs: number | undefined;
  readonly leaseMs: number;
  readonly graceMs: number;
}

/**
 * When the lease ends, ms. Any word of a connected node renews it, but no word stretches an execution beyond its bound
 * and one lease more; a node that is away gets the grace in addition.
 */
export const leaseEndMs = ({ attempt, lastSignMs, lastSeenMs, leaseMs, graceMs }: LeaseFacts): number => {
  if (lastSeenMs === undefined) return lastSignMs + leaseMs + graceMs;
  const silence = Math.max(lastSignMs, lastSeenMs) + leaseMs;
  if (attempt.accepted_ms === null) return silence;
  return Math.min(silence, attempt.accepted_ms + attempt.exec_timeout_ms + leaseMs);
};
