import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dataPaths, type NetworkPaths } from '../../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { failingDisk } from './failing-disk.js';
import { scratch } from './scratch.js';

const pathsOf = async (name: string): Promise<NetworkPaths> => {
  const paths = dataPaths(await scratch()).network(name);
  await mkdir(paths.directory, { recursive: true });
  return paths;
};

const account = {
  url: 'https://network.example',
  socket_url: 'wss://network.example/v1/nodes/ws',
  root: '{}',
  genesis: `sha256:${'a'.repeat(64)}`,
  chain_id: 31_337,
  name: 'devnet',
  registered_ms: null,
  node: `0x${'1'.repeat(40)}`,
};

const order = { kind: 'pause', by: 'owner', note: 'gaming', since_ms: 1, until_ms: null } as const;

test('remembers every document over a restart', async () => {
  const paths = await pathsOf('devnet');
  const first = await openNetworkState(paths, 'devnet');
  expect(first.recovered).toEqual({
    account: 'fresh',
    floor: 'fresh',
    order: 'fresh',
  });
  expect(first.account.data).toBeNull();
  await first.account.update(() => account);
  await first.floor.update(() => ({ config_version: 4 }));
  await first.order.update(() => order);
  const second = await openNetworkState(paths, 'devnet');
  expect(second.recovered).toEqual({
    account: 'whole',
    floor: 'whole',
    order: 'whole',
  });
  expect(second.account.data).toEqual(account);
  expect(second.floor.data).toEqual({ config_version: 4 });
  expect(second.order.data).toEqual(order);
  await second.account.update(() => null);
  expect(second.account.data).toBeNull();
});

test('does not follow an order nobody can read, and keeps what lies there', async () => {
  const paths = await pathsOf('devnet');
  await openNetworkState(paths, 'devnet');
  await writeFile(paths.order, 'torn');
  const again = await openNetworkState(paths, 'devnet');
  expect([again.order.data, again.recovered.order]).toEqual([null, 'quarantined']);
  expect(
    (await readdir(paths.directory)).filter((name) => name.startsWith('order.json.corrupt-')),
  ).toHaveLength(1);
});

test('stops at a corrupt account or floor', async () => {
  const paths = await pathsOf('devnet');
  await openNetworkState(paths, 'devnet');
  for (const path of [paths.floor, paths.account]) {
    await writeFile(path, 'torn');
    await expect(openNetworkState(paths, 'devnet')).rejects.toMatchObject({
      code: 'DOCUMENT_CORRUPT',
      message: expect.stringContaining(path),
    });
  }
});

test('does not take the floor of another network for its own', async () => {
  const [devnet, mainnet] = [await pathsOf('devnet'), await pathsOf('mainnet')];
  const state = await openNetworkState(devnet, 'devnet');
  await state.floor.update(() => ({ config_version: 4 }));
  await writeFile(mainnet.floor, await readFile(devnet.floor));
  await expect(openNetworkState(mainnet, 'mainnet')).rejects.toThrow("not 'mainnet/floor'");
});

test('keeps the signed configuration byte for byte, and the one before', async () => {
  const state = await openNetworkState(await pathsOf('devnet'), 'devnet');
  const [one, two] = [Buffer.from([0, 255, 10]), Buffer.from([1, 254, 13])];
  expect(await state.readConfig()).toBeUndefined();
  expect(await state.restorePrevious()).toBeUndefined();
  await state.writeConfig(one);
  expect(await state.restorePrevious()).toBeUndefined();
  expect(await state.readConfig()).toEqual(one);
  await state.writeConfig(two);
  await state.writeConfig(two);
  expect(await state.readConfig()).toEqual(two);
  expect(await state.restorePrevious()).toEqual(one);
  expect(await state.readConfig()).toEqual(one);
});

test('keeps the applied configuration when a new one cannot be written', async () => {
  const paths = await pathsOf('devnet');
  await (await openNetworkState(paths, 'devnet')).writeConfig(Buffer.from('one'));
  const broken = await openNetworkState(paths, 'devnet', failingDisk(['none', 'none', 'none', 'torn']));
  await expect(broken.writeConfig(Buffer.from('two'))).rejects.toMatchObject({ code: 'STATE_WRITE' });
  expect(await broken.readConfig()).toEqual(Buffer.from('one'));
  await broken.writeConfig(Buffer.from('two'));
  expect(await broken.readConfig()).toEqual(Buffer.from('two'));
});
