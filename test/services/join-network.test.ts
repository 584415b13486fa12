// Joining a network whose records on this node are damaged: what can be had again is, what protects the node is not
// given up for it.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { identityOf } from '../../src/adapters/identity/private-identity.js';
import type { NetworkHttp } from '../../src/adapters/network-http/network-http.js';
import { NetworkUnreachableError } from '../../src/adapters/network-http/network-http-errors.js';
import { createNetworkHttp } from '../../src/adapters/network-http/undici-network-http.js';
import { type DataDirectory, openDataDirectory } from '../../src/adapters/state/data-directory.js';
import type { NetworkPaths } from '../../src/adapters/state/data-paths.js';
import { previousPath } from '../../src/adapters/state/document-recovery.js';
import { createNetworkRooms } from '../../src/daemon/network-rooms.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { signDocument } from '../../src/protocol/signed-document.js';
import { joinNetwork } from '../../src/services/join-network.js';
import { createMembership } from '../../src/services/membership.js';
import { createRepairs } from '../../src/services/repairs.js';
import { scratch } from '../adapters/state/scratch.js';
import { type HttpRig, NOW, startHttpRig } from '../network/http-nodes/http-rig.js';
import { rememberingLogger } from './rig.js';

const IDENTITY = identityOf(`0x${'0'.repeat(63)}1`);

let rig: HttpRig;
let directory: DataDirectory;
let paths: NetworkPaths;
let http: NetworkHttp;
beforeEach(async () => {
  rig = await startHttpRig();
  http = createNetworkHttp(rig.url, { agentVersion: '0' });
  directory = await openDataDirectory(await scratch());
  paths = directory.paths.network('devnet');
});
afterEach(async () => {
  await directory.release();
  await rig.close();
});

/** One start of the node: it joins, and its records are closed again. */
const start = async ({ pinned, through = http }: { pinned?: string; through?: NetworkHttp } = {}) => {
  const { logger } = rememberingLogger();
  const repairs = createRepairs(() => NOW);
  const membership = createMembership();
  membership.identity.set(IDENTITY);
  const rooms = createNetworkRooms(directory, repairs);
  const own = rooms.of(rig.url, () => undefined, logger);
  const parts = { url: rig.url, pinned, http: through, rooms: own, membership, logger };
  try {
    await toPromise(createActor(joinNetwork(parts)).start());
    const { state } = membership.network.get();
    return { account: state.account.data, floor: state.floor.data, repairs: repairs.list(), state };
  } finally {
    await rooms.close();
  }
};

const damage = async (path: string): Promise<void> => {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"version": 1', '"version": 1 '.repeat(2)));
};

const away: NetworkHttp = new Proxy({} as NetworkHttp, {
  get: () => () => Promise.reject(new NetworkUnreachableError('no route')),
});

test('takes up the copy before of a damaged account, and needs no network for it', async () => {
  const first = await start();
  await first.state.account.update((account) => account ?? undefined);
  await damage(paths.account);
  const { account, repairs } = await start({ through: away });
  expect(account).toEqual(first.account);
  expect(repairs).toMatchObject([{ what: 'devnet/account', how: 'previous', times: 1 }]);
  expect(await readdir(paths.directory)).toEqual(expect.arrayContaining([...(repairs[0]?.kept ?? ['none'])]));
});

test('stops at an account of which no copy is whole: it does not trust a network by its URL again', async () => {
  await start();
  await damage(paths.account);
  await expect(start()).rejects.toMatchObject({
    code: 'DOCUMENT_CORRUPT',
    advice: expect.stringContaining('--network-genesis'),
  });
});

test('asks the network anew where the owner has pinned its trust root', async () => {
  const first = await start();
  await damage(paths.account);
  const { account, repairs } = await start({ pinned: rig.keys.network.genesis });
  expect(account).toEqual(first.account);
  expect(repairs).toMatchObject([
    { what: 'devnet/account', how: 'fetched', kept: [expect.stringMatching(/^account\.json\.corrupt-/)] },
  ]);
  expect((await start({ through: away })).repairs).toEqual([]);
});

test('does not let another network take the place of a damaged one', async () => {
  await start();
  await damage(paths.account);
  await expect(start({ pinned: `sha256:${'a'.repeat(64)}` })).rejects.toThrow();
  expect((await readdir(paths.directory)).filter((name) => name.includes('corrupt'))).toEqual([]);
});

/** Its body matters to nobody here: only who has signed it, and for which version. */
const configOf = (version: number, keys = rig.keys.config): Buffer =>
  signDocument(
    rig.keys.network,
    { kind: 'config', role: 'config', seq: version, timeMs: NOW, node: ZERO_ADDRESS },
    Buffer.from('{}'),
    keys,
  );

test.each<readonly [string, (paths: NetworkPaths) => Promise<void>]>([
  ['damaged', ({ floor }) => writeFile(floor, 'nonsense')],
  ['lost', ({ floor }) => rm(floor)],
  [
    'replaced by an older copy',
    async ({ floor }) => {
      await writeFile(floor, 'nonsense');
    },
  ],
])('makes a floor that is %s anew from the configuration the network has signed', async (how, spoil) => {
  const { state } = await start();
  await state.floor.update(() => ({ config_version: 3 }));
  if (how === 'replaced by an older copy') await state.floor.update(() => ({ config_version: 7 }));
  await state.writeConfig(configOf(7));
  await spoil(paths);
  const { floor, repairs } = await start();
  expect(floor).toEqual({ config_version: 7 });
  expect(repairs).toMatchObject([{ what: 'devnet/floor', how: 'rebuilt' }]);
  expect((await start()).repairs).toEqual([]);
});

test('refuses a damaged floor where nothing signed says how high it was', async () => {
  const { state } = await start();
  await state.floor.update(() => ({ config_version: 3 }));
  await state.writeConfig(configOf(7, [rig.keys.online]));
  await writeFile(paths.floor, 'nonsense');
  await rm(previousPath(paths.floor), { force: true });
  await expect(start()).rejects.toMatchObject({ code: 'DOCUMENT_CORRUPT' });
});

test('a floor is never lowered by what lies beside it', async () => {
  const { state } = await start();
  await mkdir(paths.directory, { recursive: true });
  await state.floor.update(() => ({ config_version: 9 }));
  await state.writeConfig(configOf(7));
  const { floor, repairs } = await start();
  expect([floor, repairs]).toEqual([{ config_version: 9 }, []]);
});
