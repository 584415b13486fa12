// What the session with the network told, for heartbeats and for the owner's view.
import { TIMES } from '../protocol/limits.js';
import type { ConfigRef, Elsewhere } from '../protocol/messages/session.js';

export interface SessionFacts {
  heartbeatMs: number;
  /** Node's clock minus the network's, milliseconds. */
  clockOffsetMs: number;
  /** When the network last answered a heartbeat; epoch milliseconds, 0 before the first. */
  lastAckMs: number;
  /** The configuration the network last named as its newest. */
  offered: ConfigRef | null;
  /** Another process that uses this node's key; null while none was heard of. */
  elsewhere: SecondProcess | null;
}

export interface SecondProcess extends Elsewhere {
  /** Whether the session is the other's, and this node was refused. */
  readonly holdsSession: boolean;
}

export const createSessionFacts = (): SessionFacts => ({
  heartbeatMs: TIMES.heartbeatMs,
  clockOffsetMs: 0,
  lastAckMs: 0,
  offered: null,
  elsewhere: null,
});
