import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createNodeRegistry,
  type StoredNodeRegistry,
} from '../../../src/network/registry/create-node-registry.js';
import type { NodeRecord } from '../../../src/network/registry/node-registry.js';
import { AlreadyBoundError, UnknownNodeError } from '../../../src/network/registry/registry-errors.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import type { OwnerRef, Registration } from '../../../src/protocol/http.js';

const NODE = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const WALLET = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
const registration: Registration = {
  nonce: `0x${'0'.repeat(64)}`,
  node: NODE,
  public_key: `0x04${'0'.repeat(128)}`,
  agent_version: '1.0.0',
  protocol: 1,
  hardware: {
    gpus: [{ uuid: 'GPU-1', name: 'A100', vram_total_bytes: 80, vram_used_bytes: 1 }],
    cpu: { model: 'x', cores: 8 },
    ram_bytes: { total: 10, free: 5 },
    disk_bytes: { total: 10, free: 5 },
    os: 'linux',
  },
  engines: ['vllm'],
  label: 'rack 1',
};

let path: string;
let store: NetworkStore;
let registry: StoredNodeRegistry;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'registry-'));
  store = openStore(path);
  registry = createNodeRegistry(store);
});
afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

test('registers a node once and raises the revision only for what lasts', async () => {
  const first = await registry.register(registration, 100);
  expect(first).toMatchObject({
    node: NODE,
    revision: 1,
    registered_ms: 100,
    label: 'rack 1',
    owner: null,
    strikes: 0,
  });
  const { hardware } = registration;
  const busier = {
    ...hardware,
    ram_bytes: { total: 10, free: 1 },
    gpus: [{ ...hardware.gpus[0], vram_used_bytes: 70 }],
  };
  const again = await registry.register({ ...registration, hardware: busier } as Registration, 200);
  expect(again).toMatchObject({ revision: 1, registered_ms: 100, last_seen_ms: 200, hardware: busier });
  const { label: _, ...unlabelled } = registration;
  const changed = await registry.register(unlabelled, 300);
  expect(changed.revision).toBe(2);
  expect(changed).not.toHaveProperty('label');
  expect((await registry.register({ ...registration, agent_version: '1.1.0' }, 400)).revision).toBe(3);
  expect(registry.list()).toHaveLength(1);
});

test('finds a node whatever the case of its address', async () => {
  await registry.register(registration, 1);
  expect(registry.find(NODE.toLowerCase())?.node).toBe(NODE);
  expect(registry.find('0x0000000000000000000000000000000000000000')).toBeUndefined();
});

test('binds a node to one owner for good', async () => {
  await registry.register(registration, 1);
  const owner: OwnerRef = { kind: 'email', email: 'Ada@Example.org' };
  expect((await registry.bind(NODE, owner)).owner).toEqual({ kind: 'email', email: 'ada@example.org' });
  expect((await registry.bind(NODE, { kind: 'email', email: 'ada@example.ORG' })).owner).toEqual({
    kind: 'email',
    email: 'ada@example.org',
  });
  const other = registry.bind(NODE, { kind: 'wallet', address: WALLET });
  await expect(other).rejects.toThrow(AlreadyBoundError);
  await expect(other).rejects.toMatchObject({ advice: expect.stringContaining('a***@example.org') });
  await expect(registry.bind(WALLET, owner)).rejects.toThrow(UnknownNodeError);
  expect(registry.find(NODE)?.owner).toEqual({ kind: 'email', email: 'ada@example.org' });
});

test('keeps owner and exclusion over a new registration', async () => {
  await registry.register(registration, 1);
  await registry.bind(NODE, { kind: 'wallet', address: WALLET.toLowerCase() });
  await registry.update(NODE, (record) => ({ ...record, strikes: 3 }));
  expect(await registry.register({ ...registration, engines: [] }, 2)).toMatchObject({
    owner: { kind: 'wallet', address: WALLET },
    strikes: 3,
  });
});

test('tells a node its standing: exclusion, else active, else pending', async () => {
  const fresh = await registry.register(registration, 1);
  expect(registry.standingOf(fresh, 5)).toEqual({
    state: 'pending',
    code: 'unbound',
    text: 'No owner has claimed this node yet.',
  });
  const bound = await registry.bind(NODE, { kind: 'wallet', address: WALLET });
  const account = { kind: 'wallet', label: '0x2B5A…D6cF' };
  expect(registry.standingOf(bound, 5)).toEqual({ state: 'active', account });
  const exclusion = { state: 'cooldown', code: 'too_many_failures', text: 'Rest.', until_ms: 10 } as const;
  const resting = await registry.update(NODE, (record) => ({ ...record, exclusion }));
  expect(registry.standingOf(resting, 9)).toEqual({ ...exclusion, account });
  expect(registry.standingOf(resting, 10)).toEqual({ state: 'active', account });
  const { until_ms: _, ...endless } = exclusion;
  expect(registry.standingOf({ ...resting, exclusion: endless }, 1e15)).toMatchObject({ state: 'cooldown' });
});

test('tells listeners of each change until they leave', async () => {
  await registry.register(registration, 1);
  const heard: NodeRecord[] = [];
  const leave = registry.onChange((record) => heard.push(record));
  const bound = await registry.bind(NODE, { kind: 'wallet', address: WALLET });
  const struck = await registry.update(NODE, (record) => ({ ...record, strikes: 1 }));
  leave();
  await registry.update(NODE, (record) => ({ ...record, strikes: 2 }));
  expect(heard).toEqual([bound, struck]);
  await expect(registry.update(WALLET, (record) => record)).rejects.toThrow(UnknownNodeError);
});

test('applies concurrent updates one after the other, and keeps them over a restart', async () => {
  await registry.register(registration, 1);
  const strike = () => registry.update(NODE, (record) => ({ ...record, strikes: record.strikes + 1 }));
  await Promise.all(Array.from({ length: 20 }, strike));
  await store.close();
  store = openStore(path);
  expect(createNodeRegistry(store).find(NODE)?.strikes).toBe(20);
});
