// The registry on the network's store: one record per node id.
import { isDeepStrictEqual } from 'node:util';
import type { HardwareProfile } from '../../protocol/hardware.js';
import type { OwnerRef } from '../../protocol/http.js';
import type { NetworkStore } from '../store/store.js';
import { type NodeRecord, type NodeRegistry, nodeRecord } from './node-registry.js';
import { accountOf, canonicalOwner, sameOwner } from './owner.js';
import { AlreadyBoundError, UnknownNodeError } from './registry-errors.js';

export interface StoredNodeRegistry extends NodeRegistry {
  /** Refuses what {@link NodeRegistry.bind} would refuse. @throws UnknownNodeError, AlreadyBoundError */
  checkBindable(node: string, owner: OwnerRef): NodeRecord;
  /**
   * Like {@link NodeRegistry.bind}, inside a store transaction of the caller; call `told` once that is durable.
   * @throws UnknownNodeError, AlreadyBoundError
   */
  bindNow(node: string, owner: OwnerRef): { readonly record: NodeRecord; told(): void };
}

export const createNodeRegistry = (store: NetworkStore): StoredNodeRegistry => {
  const nodes = store.table('nodes', nodeRecord);
  const listeners = new Set<(record: NodeRecord) => void>();
  const tell = (record: NodeRecord): NodeRecord => {
    for (const listener of listeners) listener(record);
    return record;
  };
  const find = (node: string): NodeRecord | undefined => nodes.get(keyOf(node));

  const known = (node: string): NodeRecord => {
    const record = find(node);
    if (record !== undefined) return record;
    throw new UnknownNodeError(`node ${node} is not registered`, { advice: 'Register it first.' });
  };

  const checkBindable = (node: string, owner: OwnerRef): NodeRecord => {
    const record = known(node);
    if (record.owner === null || sameOwner(record.owner, owner)) return record;
    throw new AlreadyBoundError('this node belongs to another owner already', {
      advice: `Its owner is ${accountOf(record.owner).label}. Ask them, or give the machine a node of its own: a node's owner does not change.`,
    });
  };

  const bindNow = (node: string, owner: OwnerRef): NodeRecord => {
    const bound = { ...checkBindable(node, owner), owner: canonicalOwner(owner) };
    nodes.put(keyOf(node), bound);
    return bound;
  };

  return {
    find,
    list: ({ after, limit } = {}) =>
      [
        ...nodes.range({
          ...(after !== undefined && { start: keyOf(after), exclusiveStart: true }),
          ...(limit !== undefined && { limit }),
        }),
      ].map(({ value }) => value),
    count: () => nodes.count(),
    register: ({ node, agent_version, hardware, engines, label }, nowMs) =>
      store.transaction(() => {
        const held = find(node);
        const told = { agent_version, hardware, engines, ...(label !== undefined && { label }) };
        if (held === undefined) {
          const fresh: NodeRecord = {
            node,
            revision: 1,
            registered_ms: nowMs,
            ...told,
            owner: null,
            exclusion: null,
            last_seen_ms: nowMs,
            last_receipt: null,
            strikes: 0,
          };
          nodes.put(keyOf(node), fresh);
          return fresh;
        }
        const { label: _, ...rest } = held;
        const isSame = isDeepStrictEqual(lasting(held), lasting({ ...told }));
        const record = {
          ...rest,
          ...told,
          revision: isSame ? held.revision : held.revision + 1,
          last_seen_ms: Math.max(held.last_seen_ms, nowMs),
        };
        nodes.put(keyOf(node), record);
        return record;
      }),
    bind: async (node, owner) => tell(await store.transaction(() => bindNow(node, owner))),
    checkBindable,
    bindNow: (node, owner) => {
      const record = bindNow(node, owner);
      return { record, told: () => void tell(record) };
    },
    update: async (node, change) =>
      tell(
        await store.transaction(() => {
          const held = known(node);
          const changed = { ...change(held), node: held.node };
          nodes.put(keyOf(node), changed);
          return changed;
        }),
      ),
    standingOf: ({ owner, exclusion }, nowMs) => {
      const account = owner === null ? {} : { account: accountOf(owner) };
      if (exclusion !== null && (exclusion.until_ms === undefined || exclusion.until_ms > nowMs)) {
        return { ...exclusion, ...account };
      }
      if (owner !== null) return { state: 'active', ...account };
      return { state: 'pending', code: 'unbound', text: 'No owner has claimed this node yet.' };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

const keyOf = (node: string): string => node.toLowerCase();

type Described = Pick<NodeRecord, 'agent_version' | 'engines'> & {
  readonly hardware: HardwareProfile;
  readonly label?: string | undefined;
};

/** What makes a revision: a description without the measurements that move by themselves. */
const lasting = ({ agent_version, engines, hardware, label }: Described) => ({
  agent_version,
  engines,
  label,
  gpus: hardware.gpus.map(({ vram_used_bytes: _, ...gpu }) => gpu),
  cpu: hardware.cpu,
  ram: hardware.ram_bytes.total,
  disk: hardware.disk_bytes.total,
  os: hardware.os,
});
