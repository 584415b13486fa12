// One registered node as an operator sees it: what is on record, and what it said of itself while connected.
import type { OnlineNode } from '../desk/network-core.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import type { Candidate, Wanted } from '../scheduler/choose-node.js';
import { whyOutOfRotation } from '../scheduler/out-of-rotation.js';
import type { AdminOutput } from './admin-verbs.js';

export type NodeRow = AdminOutput<'nodes'>['nodes'][number];

export interface NodeRowDeps {
  readonly registry: Pick<NodeRegistry, 'standingOf'>;
  readonly publisher: Pick<ConfigPublisher, 'current' | 'byDigest'>;
  readonly earned: (node: string) => bigint;
  readonly nowMs: number;
}

export const nodeRow = (
  record: NodeRecord,
  online: OnlineNode | undefined,
  { registry, publisher, earned, nowMs }: NodeRowDeps,
): NodeRow => {
  const standing = registry.standingOf(record, nowMs);
  const candidate = online === undefined ? undefined : candidateOf(online);
  return {
    node: record.node,
    label: record.label ?? null,
    owner: record.owner?.kind ?? null,
    standing: standing.state,
    reason: standing.code ?? null,
    until_ms: standing.until_ms ?? null,
    online: online !== undefined,
    out_of_rotation: [...whyOutOfRotation(candidate, wantedOf(publisher, nowMs))],
    order: online?.heartbeat?.prefs.order ?? null,
    agent_version: online?.agentVersion ?? record.agent_version,
    models: [...(online?.models.keys() ?? [])],
    jobs: online?.inflight ?? 0,
    strikes: record.strikes,
    earned: String(earned(record.node)),
    registered_ms: record.registered_ms,
    last_seen_ms: Math.max(record.last_seen_ms, online?.lastSeenMs ?? 0),
    session: online === undefined ? null : sessionOf(online, publisher),
  };
};

const candidateOf = (online: OnlineNode): Candidate => ({
  ...online,
  slotsTotal: online.slots?.total ?? null,
});

/** Every enabled model, as the scheduler wants it now. */
const wantedOf = (publisher: Pick<ConfigPublisher, 'current'>, nowMs: number): Wanted[] => {
  const config = publisher.current();
  if (config === undefined || config.snapshot.expires_ms <= nowMs) return [];
  return config.snapshot.models
    .filter(({ enabled }) => enabled)
    .map(({ id, digest }) => ({ model: id, modelDigest: digest, configDigest: config.digest }));
};

const sessionOf = (
  { connectedMs, heartbeatMs, configDigest, slots, heartbeat }: OnlineNode,
  publisher: Pick<ConfigPublisher, 'byDigest'>,
): NonNullable<NodeRow['session']> => ({
  connected_ms: connectedMs,
  heartbeat_ms: heartbeatMs,
  config:
    configDigest === null
      ? null
      : { version: publisher.byDigest(configDigest)?.version ?? null, digest: configDigest },
  slots,
  runtime:
    heartbeat === null
      ? null
      : {
          state: heartbeat.runtime.state,
          engine: heartbeat.runtime.engine,
          version: heartbeat.runtime.version ?? null,
        },
  models: (heartbeat?.models ?? []).map(({ id, state, reason }) => ({ id, state, reason: reason ?? null })),
  gpus: (heartbeat?.hardware.gpus ?? []).map(({ name, vram_total_bytes, vram_used_bytes }) => ({
    name,
    vram_total_bytes,
    vram_used_bytes: vram_used_bytes ?? null,
  })),
  outbox: heartbeat?.jobs.outbox ?? 0,
});
