// What the network knows of a node while it is connected. In memory only: a node tells it all again after a reconnect.
import type { Capacity, Heartbeat } from '../../protocol/messages/presence.js';
import type { Hello, Standing } from '../../protocol/messages/session.js';

export interface Presence {
  /** As registered (checksummed). */
  readonly node: string;
  readonly session: string;
  readonly instance: string;
  readonly connectedMs: number;
  readonly agentVersion: string;
  readonly lastSeenMs: number;
  readonly standing: Standing;
  readonly configDigest: string | null;
  /** Models that are `active`: id to digest. */
  readonly models: ReadonlyMap<string, string>;
  /** Running total of offers allowed in this session; never shrinks. */
  readonly creditLimit: number;
  readonly slots: Capacity['slots'] | null;
  readonly draining: boolean;
  readonly paused: boolean;
  /** The last one, for people to look at, and when it came. */
  readonly heartbeat: Heartbeat | null;
  readonly heartbeatMs: number | null;
}

const activeModels = (models: Hello['models']): ReadonlyMap<string, string> =>
  new Map(models.filter(({ state }) => state === 'active').map(({ id, digest }) => [id, digest]));

/** @param node the id as registered */
export const arrive = (
  hello: Hello,
  node: string,
  session: string,
  standing: Standing,
  nowMs: number,
): Presence => ({
  node,
  session,
  instance: hello.instance,
  connectedMs: nowMs,
  agentVersion: hello.agent_version,
  lastSeenMs: nowMs,
  standing,
  configDigest: hello.config_digest,
  models: activeModels(hello.models),
  creditLimit: 0, // nothing is offered before the node said how much
  slots: null,
  draining: false,
  paused: false,
  heartbeat: null,
  heartbeatMs: null,
});

export const withHeartbeat = (presence: Presence, heartbeat: Heartbeat, nowMs: number): Presence => ({
  ...presence,
  agentVersion: heartbeat.agent_version,
  configDigest: heartbeat.config_digest,
  models: activeModels(heartbeat.models),
  creditLimit: Math.max(presence.creditLimit, heartbeat.credit_limit),
  draining: heartbeat.prefs.draining,
  paused: heartbeat.prefs.paused,
  heartbeat,
  heartbeatMs: nowMs,
});

export const withCapacity = (presence: Presence, capacity: Capacity): Presence => ({
  ...presence,
  creditLimit: Math.max(presence.creditLimit, capacity.credit_limit),
  slots: capacity.slots,
});
