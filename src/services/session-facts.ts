// What the session with the network told, for heartbeats and for the owner's view.
import { TIMES } from '../protocol/limits.js';
import type { ConfigRef } from '../protocol/messages/session.js';

export interface SessionFacts {
  heartbeatMs: number;
  /** Node's clock minus the network's, milliseconds. */
  clockOffsetMs: number;
  /** When the network last answered a heartbeat; epoch milliseconds, 0 before the first. */
  lastAckMs: number;
  /** The configuration named in the greeting. */
  offered: ConfigRef | null;
}

export const createSessionFacts = (): SessionFacts => ({
  heartbeatMs: TIMES.heartbeatMs,
  clockOffsetMs: 0,
  lastAckMs: 0,
  offered: null,
});
