// Every time and bound of the network core with its default, in one table.
import { TIMES } from '../../protocol/limits.js';

export interface CoreOptions {
  readonly helloWithinMs: number;
  readonly pingMs: number;
  readonly deadMs: number;
  /** Sockets in the handshake at once. */
  readonly maxHandshakes: number;
  /** Bytes waiting in a node's socket before the link counts as dead: two offers of the largest size, and some. */
  readonly maxBufferedBytes: number;
  /** The Host header comes from a proxy of ours: see own-origin.ts. */
  readonly trustHost: boolean;

  /** Silence allowed to a node that runs a job; at least two heartbeats. */
  readonly leaseMs: number;
  /** More silence for a node that is not connected, so that it can come back. */
  readonly leaseGraceMs: number;
  /** An offer must be answered within. */
  readonly offerAnswerMs: number;
  /** A job whose model no node serves fails after, unless its client polls and can wait. */
  readonly noCapacityMs: number;
  /** Of a job, counting those whose offer was sent. */
  readonly maxAttempts: number;
  /** Engines that may end under one job. */
  readonly maxCrashes: number;
  /** How long a job leaves out a node that was busy, that declined otherwise, that failed it. */
  readonly busyAvoidMs: number;
  readonly declineAvoidMs: number;
  readonly failureAvoidMs: number;

  /** Strikes in a row that bring a cool-down, and how long the first one is; each further strike doubles it. */
  readonly strikeLimit: number;
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;

  /** Bytes a client may leave unread. */
  readonly clientBufferBytes: number;
  readonly idempotencyMs: number;
  /** Ended jobs are remembered at least this long. */
  readonly keepEndedMs: number;

  /** Mean time between blind jobs; null: none. */
  readonly blindEveryMs: number | null;
}

export const DEFAULT_OPTIONS: CoreOptions = {
  helloWithinMs: TIMES.helloWithinMs,
  pingMs: TIMES.pingMs,
  deadMs: TIMES.deadMs,
  maxHandshakes: 1024,
  maxBufferedBytes: 24 * 1024 * 1024,
  trustHost: false,

  leaseMs: TIMES.leaseMs,
  leaseGraceMs: 10_000,
  offerAnswerMs: 5_000,
  noCapacityMs: 10_000,
  maxAttempts: 4,
  maxCrashes: 2,
  busyAvoidMs: 1_000,
  declineAvoidMs: 10_000,
  failureAvoidMs: 5_000,

  strikeLimit: 3,
  cooldownMs: 10 * 60_000,
  maxCooldownMs: 24 * 3_600_000,

  clientBufferBytes: 8 * 1024 * 1024,
  idempotencyMs: 24 * 3_600_000,
  keepEndedMs: 48 * 3_600_000,

  blindEveryMs: null,
};
