// A configuration that loses a model and gets it back, a start without a network, and another network in its place.
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  runHere,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from '../e2e/processes.js';
import { draftIn, publish, startWholeSystem, untilReady } from '../e2e/whole-system.js';

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test('a model goes and comes back with its files; a start without a network works on; a stranger is refused', async () => {
  const { directory, network, node, client } = await startWholeSystem();
  const draft = await draftIn(directory);
  const gone = draft.models.find(({ id }) => id === 'demo-embed');
  const folder = join(node.dataDir, 'models', (gone?.digest ?? '').replace('sha256:', ''));
  expect(await isThere(folder)).toBe(true);
  const offered = async (): Promise<string[]> => (await client.models.list()).data.map(({ id }) => id).sort();

  const without = { ...draft, models: draft.models.filter((model) => model !== gone) };
  expect(await publish(network, without)).toBe(2);
  await until(
    'the files are gone',
    () => isThere(folder),
    (there) => !there,
  );
  await until('it is no longer offered', offered, (ids) => ids.join() === 'demo-chat');
  await untilReady(node);

  expect(await publish(network, draft)).toBe(3);
  const back = await until(
    'version 3 is in force and every model active',
    () => node.control.status(),
    ({ config, models }) =>
      config?.version === 3 && models.length === 2 && models.every(({ state }) => state === 'active'),
  );
  expect(back.lastSync).toMatchObject({ outcome: 'applied', failure: null });
  expect(await isThere(folder)).toBe(true);
  await until('it is offered again', offered, (ids) => ids.join() === 'demo-chat,demo-embed');

  // Both stop; the node comes back alone, from what is on disk.
  expect(await node.kill('SIGTERM')).toBe(0);
  await network.kill('SIGTERM');
  const alone = startNodeProcess(directory, network.url);
  const offline = await until(
    'the node has taken up its configuration and models without a network',
    () => alone.control.status(),
    ({ stage, models, runtime, failure }) =>
      stage === 'registered' &&
      runtime.state === 'ready' &&
      failure !== null &&
      models.every(({ state }) => state === 'active'),
  );
  expect(offline).toMatchObject({
    idleReason: 'not connected to the network',
    config: { version: 3 },
    network: { name: 'devnet', connected: false },
    failure: { retryable: true, advice: expect.stringContaining('dials again by itself') as string },
  });
  expect(offline.models).toHaveLength(2);
  const again = await startNetworkProcess(directory, network.port);
  await untilReady(alone);

  // Another network takes the URL: noticed at the next start, before anything is signed for it.
  expect(await alone.kill('SIGTERM')).toBe(0);
  await again.kill('SIGTERM');
  await rename(join(directory, 'network'), join(directory, 'network-before'));
  const stranger = await startNetworkProcess(directory, network.port);
  const misled = startNodeProcess(directory, network.url);
  const halted = await until(
    'the node has halted',
    () => misled.control.status(),
    ({ stage }) => stage === 'halted',
  );
  expect(halted.failure).toMatchObject({ code: 'NETWORK_MISMATCH', retryable: false });
  const page = await runHere(['status', '--data-dir', misled.dataDir], directory);
  expect(page.stdout).toContain(
    "serves another 'devnet' than the one this node joined before [NETWORK_MISMATCH]",
  );
  expect(page.stdout).toContain(`This node trusts ${network.genesis}, the URL offers ${stranger.genesis}.`);
  expect(await misled.kill('SIGTERM')).toBe(0);
});

test('a data directory that cannot be one is told with its path, what is wrong and what to do', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'file');
  await writeFile(file, '');
  const start = (dataDir: string) =>
    runHere(['start', '--data-dir', dataDir, '--network-url', 'http://127.0.0.1:9'], directory);
  for (const dataDir of [file, join(file, 'below')]) {
    const { code, stderr } = await start(dataDir);
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringContaining(dataDir) as string });
    expect(stderr).toContain('[DATA_DIRECTORY]');
    expect(stderr).toContain('--data-dir');
  }
  const shared = join(directory, 'shared');
  await mkdir(shared, { mode: 0o755 });
  await writeFile(join(shared, 'holiday.jpg'), '');
  expect((await start(shared)).stderr).toContain("holds files that are not the node's");
});
