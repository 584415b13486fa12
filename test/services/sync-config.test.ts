import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createActor, type PromiseActorLogic, toPromise } from 'xstate';
import {
  CONFIG,
  CONFIG_KEYS,
  NETWORK,
  ONLINE,
  OTHER_NETWORKS,
  TIME_MS,
} from '../../scripts/vectors/samples.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import type { NetworkHttp } from '../../src/adapters/network-http/network-http.js';
import { dataPaths } from '../../src/adapters/state/data-paths.js';
import { type DiskSteps, realDisk } from '../../src/adapters/state/disk-steps.js';
import { openNetworkState } from '../../src/adapters/state/network-state.js';
import type { ConfigPlan } from '../../src/machines/config-sync-machine.js';
import type { ConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import { digestOf } from '../../src/protocol/digest.js';
import type { ConfigRef } from '../../src/protocol/messages/session.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { signDocument } from '../../src/protocol/signed-document.js';
import { createConfigInForce } from '../../src/services/config-in-force.js';
import { createMembership } from '../../src/services/membership.js';
import { createRepairs } from '../../src/services/repairs.js';
import {
  applyConfig,
  fetchConfig,
  loadConfig,
  planConfig,
  rollBackConfig,
  verifyConfig,
} from '../../src/services/sync-config.js';
import { scratch } from '../adapters/state/scratch.js';
import { joinedNetwork, rememberingLogger, timeToldBy } from './rig.js';

const [one, two] = CONFIG_KEYS;

interface Signing {
  readonly signers?: Parameters<typeof signDocument>[3];
  readonly network?: typeof NETWORK;
  readonly seq?: number;
}
const documentOf = (change: Partial<ConfigSnapshot> = {}, signing: Signing = {}): Buffer => {
  const snapshot = { ...CONFIG, ...change };
  return signDocument(
    signing.network ?? NETWORK,
    {
      kind: 'config',
      role: 'config',
      seq: signing.seq ?? snapshot.version,
      timeMs: TIME_MS,
      node: ZERO_ADDRESS,
    },
    Buffer.from(JSON.stringify(snapshot)),
    signing.signers ?? [one, two],
  );
};
const refOf = (change: Partial<ConfigSnapshot> = {}): ConfigRef => ({
  version: change.version ?? CONFIG.version,
  digest: digestOf(JSON.stringify({ ...CONFIG, ...change })),
});

/** The HTTP port of a network that serves one document; everything else is not asked for here. */
const serving = (): { http: NetworkHttp; asked: (string | null)[]; serve(document: Uint8Array): void } => {
  const asked: (string | null)[] = [];
  let served: Uint8Array = documentOf();
  const never = () => Promise.reject(new Error('not asked for here'));
  return {
    asked,
    serve: (document) => {
      served = document;
    },
    http: {
      info: never,
      root: never,
      challenge: never,
      register: never,
      standing: never,
      startBinding: never,
      finishBinding: never,
      openReport: never,
      sendReport: never,
      config: async (held) => {
        asked.push(held);
        return served;
      },
    },
  };
};

const run = <Output, Input>(logic: PromiseActorLogic<Output, Input & object>, input: Input & object) =>
  toPromise(createActor(logic, { input }).start());
const runBare = <Output>(logic: PromiseActorLogic<Output, undefined>) =>
  toPromise(createActor(logic).start());

const rig = async (disk: DiskSteps = realDisk, root?: string) => {
  const paths = dataPaths(root ?? (await scratch())).network('devnet');
  await mkdir(paths.directory, { recursive: true });
  const state = await openNetworkState(paths, 'devnet', disk);
  const membership = createMembership();
  membership.network.set(joinedNetwork(state));
  const network = serving();
  const clock = new ManualClock(TIME_MS);
  const config = createConfigInForce();
  const { logger, lines } = rememberingLogger();
  const time = timeToldBy(clock);
  const repairs = createRepairs(() => TIME_MS);
  const parts = { http: network.http, membership, config, clock, time, logger, repairs };
  const digest = { digest: 'unused' };
  const heldOf = (): ConfigRef | null => {
    const held = config.current();
    return held === undefined ? null : { version: held.snapshot.version, digest: held.digest };
  };
  /** Fetches, verifies, plans and applies, as the sync machine does. */
  const sync = async (document: Uint8Array) => {
    network.serve(document);
    await run(fetchConfig(parts), { held: heldOf(), wanted: refOf() });
    await run(verifyConfig(parts), digest);
    const plan = await run(planConfig(parts), digest);
    await run(applyConfig(parts), digest);
    return plan;
  };
  const reopen = () => rig(disk, dirname(dirname(paths.directory)));
  return { paths, state, network, clock, time, config, parts, lines, sync, reopen };
};

test('brings a signed snapshot into force and keeps it for the next start', async () => {
  const first = await rig();
  const plan: ConfigPlan = await first.sync(documentOf());
  expect(plan).toEqual({
    config: refOf(),
    models: CONFIG.models.map(({ id, digest, enabled }) => ({ id, digest, enabled })),
  });
  expect(first.config.current()?.snapshot).toEqual(CONFIG);
  expect(first.state.floor.data.config_version).toBe(7);
  const next = await first.reopen();
  expect(await runBare(loadConfig(next.parts))).toEqual(plan);
  expect(next.config.current()?.digest).toBe(refOf().digest);
});

test('asks with the digest it holds and leaves everything as it is when that is current', async () => {
  const { parts, network, sync, config } = await rig();
  await sync(documentOf());
  const current = config.current();
  const http = { ...network.http, config: async () => 'unchanged' as const };
  const unchanged = await run(fetchConfig({ ...parts, http }), { held: refOf(), wanted: refOf() });
  expect(unchanged).toBe('unchanged');
  expect(network.asked).toEqual([null]);
  expect(config.current()).toBe(current);
  await sync(documentOf({ version: 8 }));
  expect(network.asked).toEqual([null, refOf().digest]);
});

test.each<readonly [string, Buffer, object]>([
  ['a lower version than the floor', documentOf({ version: 6 }), { code: 'CONFIG_REFUSED' }],
  [
    'another snapshot under the same version',
    documentOf({ expires_ms: CONFIG.expires_ms + 1 }),
    { code: 'CONFIG_REFUSED' },
  ],
  ['a version implausibly far ahead', documentOf({ version: 1_000_008 }), { code: 'CONFIG_REFUSED' }],
  ['an expired snapshot', documentOf({ version: 8, expires_ms: TIME_MS - 1 }), { code: 'CONFIG_REFUSED' }],
  ['a version other than the signed one', documentOf({ version: 8 }, { seq: 9 }), { code: 'CONFIG_REFUSED' }],
  [
    'too few signatures',
    documentOf({ version: 8 }, { signers: [one] }),
    { protocolCode: 'signature_invalid' },
  ],
  [
    "the online key's signature",
    documentOf({ version: 8 }, { signers: [one, ONLINE] }),
    { protocolCode: 'signature_invalid' },
  ],
  [
    'another chain',
    documentOf({ version: 8 }, { network: OTHER_NETWORKS.chainId }),
    { protocolCode: 'signature_invalid' },
  ],
  [
    'another genesis',
    documentOf({ version: 8 }, { network: OTHER_NETWORKS.genesis }),
    { protocolCode: 'signature_invalid' },
  ],
  [
    'another network in the body',
    documentOf({ version: 8, network: 'testnet' }),
    { protocolCode: 'network_mismatch' },
  ],
  [
    'bounds beyond the hard ones',
    documentOf({ version: 8, ttl: { ...CONFIG.ttl, heartbeat_ms: 0 } }),
    { protocolCode: 'malformed' },
  ],
  [
    'a changed byte',
    Buffer.from(documentOf({ version: 8 }).toString().replace('vllm', 'vlln')),
    { protocolCode: 'digest_mismatch' },
  ],
])('refuses %s, and what is in force stays', async (_, document, error) => {
  const { sync, config, state } = await rig();
  await sync(documentOf());
  await expect(sync(document)).rejects.toMatchObject({ retryable: false, ...error });
  expect(config.current()?.snapshot).toEqual(CONFIG);
  expect(state.floor.data.config_version).toBe(7);
  expect(await state.readConfig()).toEqual(documentOf());
});

test('takes the largest step there may be, and the very snapshot in force again', async () => {
  const { sync, state } = await rig();
  await sync(documentOf());
  await sync(documentOf());
  await sync(documentOf({ version: 1_000_007 }));
  expect(state.floor.data.config_version).toBe(1_000_007);
});

test('a snapshot is good to the millisecond it expires in', async () => {
  const { sync, clock, time } = await rig();
  time.heard(CONFIG.expires_ms);
  await sync(documentOf());
  clock.advance(1);
  await expect(sync(documentOf({ version: 8 }))).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
});

test('the host’s clock neither ends a snapshot nor makes an expired one good again', async () => {
  const { sync, clock, time } = await rig();
  clock.set(CONFIG.expires_ms + 10 * 365 * 86_400_000);
  await sync(documentOf());
  time.heard(CONFIG.expires_ms + 1);
  clock.set(TIME_MS - 3_600_000);
  await expect(sync(documentOf({ version: 8 }))).rejects.toMatchObject({
    message: 'the snapshot has expired',
  });
});

test('raises the floor on disk before it writes the snapshot', async () => {
  const renamed: string[] = [];
  const watching: DiskSteps = {
    ...realDisk,
    rename: async (from, to) => {
      renamed.push(to);
      await realDisk.rename(from, to);
    },
  };
  const { sync, paths } = await rig(watching);
  await sync(documentOf());
  expect(renamed).toContain(paths.floor);
  expect(renamed.indexOf(paths.floor)).toBeLessThan(renamed.indexOf(paths.config));
});

test('a disk that fails between floor and snapshot leaves the old snapshot in force and no way back below it', async () => {
  let isFull = false;
  const failing: DiskSteps = {
    ...realDisk,
    rename: (from, to) =>
      isFull && to.endsWith('config.json')
        ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
        : realDisk.rename(from, to),
  };
  const first = await rig(failing);
  await first.sync(documentOf());
  isFull = true;
  await expect(first.sync(documentOf({ version: 9 }))).rejects.toThrow();
  expect(first.config.current()?.snapshot.version).toBe(7);
  isFull = false;
  const next = await first.reopen();
  expect(next.state.floor.data.config_version).toBe(9);
  await runBare(loadConfig(next.parts));
  expect(next.config.current()?.snapshot.version).toBe(7);
  await expect(next.sync(documentOf({ version: 8 }))).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
  await next.sync(documentOf({ version: 9 }));
  expect(next.config.current()?.snapshot.version).toBe(9);
  await next.sync(documentOf({ version: 10 }));
  expect(next.config.current()?.snapshot.version).toBe(10);
});

test.each<readonly [string, (document: Buffer) => Buffer]>([
  ['garbled', () => Buffer.from('garbage')],
  ['cut', (document) => document.subarray(0, document.length - 1)],
  ['edited', (document) => Buffer.from(document.toString().replace('"queue_max":8', '"queue_max":9'))],
  ['signed by others', () => documentOf({}, { signers: [ONLINE] })],
  ['of another network', () => documentOf({}, { network: OTHER_NETWORKS.name })],
])('does not believe a stored configuration that is %s, and fetches it anew', async (_, spoil) => {
  const first = await rig();
  await first.sync(documentOf());
  await writeFile(first.paths.config, spoil(documentOf()));
  const next = await first.reopen();
  expect(await runBare(loadConfig(next.parts))).toBeNull();
  expect(next.config.current()).toBeUndefined();
  expect(next.lines.join('')).toContain('config.unreadable');
  const [repair] = next.parts.repairs.list();
  expect(repair).toMatchObject({ what: 'devnet/config', how: 'fetched', times: 1 });
  expect(repair?.kept).toEqual([expect.stringMatching(/^config\.json\.corrupt-/)]);
  expect(await readFile(join(next.paths.directory, repair?.kept[0] ?? ''))).toEqual(spoil(documentOf()));
  await next.sync(documentOf());
  expect(next.network.asked).toEqual([null]);
  expect(next.config.current()?.snapshot).toEqual(CONFIG);
  await expect(runBare(rollBackConfig(next.parts))).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
});

test('has nothing to load at the first start', async () => {
  const { parts } = await rig();
  expect(await runBare(loadConfig(parts))).toBeNull();
});

test('rolls back to the snapshot before without lowering the floor', async () => {
  const { sync, parts, config, state } = await rig();
  await expect(runBare(rollBackConfig(parts))).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
  await sync(documentOf());
  await sync(documentOf({ version: 8 }));
  expect(await runBare(rollBackConfig(parts))).toMatchObject({ config: refOf() });
  expect(config.current()?.snapshot).toEqual(CONFIG);
  expect(state.floor.data.config_version).toBe(8);
  expect(await state.readConfig()).toEqual(documentOf());
  await expect(sync(documentOf())).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
});

test('refuses to verify, plan or apply what was never fetched', async () => {
  const { parts } = await rig();
  const refusal = { code: 'CONFIG_REFUSED' };
  await expect(run(verifyConfig(parts), { digest: '' })).rejects.toMatchObject(refusal);
  await expect(run(planConfig(parts), { digest: '' })).rejects.toMatchObject(refusal);
  await expect(run(applyConfig(parts), { digest: '' })).rejects.toMatchObject(refusal);
});
