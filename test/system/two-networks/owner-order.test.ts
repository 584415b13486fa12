// Two networks that ask for different Runtimes: the owner's order decides, the other one sees why, and its turn comes.
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import { pollJob, submitJob } from '../../e2e/polling.js';
import {
  runHere,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from '../../e2e/processes.js';
import { publish } from '../../e2e/whole-system.js';
import {
  ask,
  enginesOf,
  inNetwork,
  isServing,
  networks,
  startNode,
  startTwoNetworks,
  untilServing,
  withFlags,
  withoutModels,
} from './rig.js';

test('the preferred network is served, the other gets no credit and the reason, and the Runtime once it is free', async () => {
  const fast = { 'tokens-per-second': '5000' };
  const { node, mainnet, testnet, directory, draft } = await startTwoNetworks({
    testnet: (one) => withFlags(one, fast),
  });
  await untilServing(node, mainnet);
  const reason = 'the Runtime serves mainnet: your order prefers it';
  const waiting = await until(
    'testnet knows why it is not served',
    () => inNetwork(node, testnet),
    ({ idleReason, config }) => idleReason === reason && config !== null,
  );
  expect(waiting).toMatchObject({ hasRuntime: false, runtimeHolder: 'mainnet', failure: null });
  expect(waiting.models.map(({ state, reason: why }) => [state, why])).toEqual([
    ['inactive', 'runtime_taken'],
    ['inactive', 'runtime_taken'],
  ]);
  const page = await runHere(['status', '--data-dir', node.dataDir], directory);
  expect(page.stdout).toContain(`No jobs because  ${reason}`);
  expect(page.stdout).toContain('no, mainnet has it');
  const { nodes } = await testnet.admin.call('nodes', {});
  expect(nodes).toMatchObject([{ online: true, models: [], standing: 'active' }]);
  // The configuration counts as applied: nothing speaks against it.
  expect(node.output.stdout).not.toContain('rolled_back');

  // A job is admitted and waits; mainnet goes on.
  const job = await submitJob(testnet, testnet.apiKey, 'Please.', 4);
  await ask(mainnet);
  expect((await pollJob(testnet, testnet.apiKey, job)).status).not.toBe('completed');
  const [before] = await enginesOf(node);

  await publish(mainnet, withoutModels(draft));
  await untilServing(node, testnet);
  await until(
    'the job that waited is done',
    () => pollJob(testnet, testnet.apiKey, job),
    ({ status }) => status === 'completed',
  );
  const [after, ...others] = await enginesOf(node);
  expect(others).toEqual([]);
  expect(after).not.toBe(before);
  expect(await inNetwork(node, mainnet)).toMatchObject({ hasRuntime: false, runtimeHolder: 'testnet' });

  // Back again: the owner's order holds whoever came first. And it holds after a kill.
  await publish(mainnet, draft);
  await untilServing(node, mainnet);
  await until(
    'testnet is put back',
    () => inNetwork(node, testnet),
    ({ idleReason }) => idleReason === reason,
  );
  await node.kill('SIGKILL');
  const again = startNode(directory, mainnet, testnet);
  await untilServing(again, mainnet);
  await until(
    'and so again',
    () => inNetwork(again, testnet),
    ({ idleReason }) => idleReason === reason,
  );
  expect((await again.control.status()).runtime.restarts).toBe(0);
  await ask(mainnet);

  // The day both ask for the same, both are served.
  await publish(mainnet, withFlags(draft, fast));
  await untilServing(again, testnet);
  await untilServing(again, mainnet);
  expect(await enginesOf(again)).toHaveLength(1);
  await Promise.all([ask(mainnet), ask(testnet)]);

  // A model that one of them no longer lists is another's still: its files stay, until no network lists it.
  const withoutOne = (one: ConfigDraft): ConfigDraft => ({
    ...one,
    models: one.models.filter(({ id }) => id === 'demo-chat'),
  });
  const gone = draft.models.find(({ id }) => id === 'demo-embed')?.digest ?? '';
  const files = () => readdir(join(again.dataDir, 'models'));
  await publish(mainnet, withFlags(withoutOne(draft), fast));
  await until(
    'mainnet is served with one model',
    () => inNetwork(again, mainnet),
    (one) => one.models.length === 1 && isServing(one),
    60_000,
  );
  expect(await files()).toContain(gone.replace('sha256:', ''));
  await publish(testnet, withFlags(withoutOne(draft), fast));
  await until('its files are gone', files, (names) => !names.includes(gone.replace('sha256:', '')));
  await untilServing(again, testnet);
  expect(await again.kill('SIGTERM')).toBe(0);
}, 240_000);

test('a preferred network that the node refuses halts alone; the next has the Runtime at once', async () => {
  const { node, mainnet, testnet, directory } = await startTwoNetworks({
    testnet: (one) => withFlags(one, { 'tokens-per-second': '5000' }),
  });
  await untilServing(node, mainnet);
  expect(await node.kill('SIGTERM')).toBe(0);
  // Another network takes mainnet's place and name.
  await mainnet.kill('SIGTERM');
  await rename(join(mainnet.place, 'network'), join(mainnet.place, 'network-before'));
  await startNetworkProcess(mainnet.place, mainnet.port, ['--name', 'mainnet', '--chain-id', '1111']);
  const again = startNode(directory, mainnet, testnet);
  await untilServing(again, testnet);
  const [halted, served] = await networks(again);
  expect(halted).toMatchObject({ stage: 'halted', hasRuntime: false, failure: { code: 'NETWORK_MISMATCH' } });
  expect(served).toMatchObject({ name: 'testnet', hasRuntime: true, failure: null });
  await ask(testnet);
  const { code, stdout } = await runHere(['doctor', '--json', '--data-dir', again.dataDir], directory);
  expect(code).toBe(3);
  const { checks } = JSON.parse(stdout) as { checks: { id: string; outcome: string; evidence: string }[] };
  expect(checks.find(({ id }) => id === 'daemon.state')).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining("serves another 'mainnet'") as string,
  });
  expect(await again.kill('SIGTERM')).toBe(0);
}, 120_000);

test('a network named twice halts alone, with advice; the node goes on in the first and ends cleanly', async () => {
  const directory = await temporaryDirectory();
  const network = await startNetworkProcess(directory);
  const other = network.url.replace('127.0.0.1', 'localhost');
  const node = startNodeProcess(directory, network.url, { more: ['--network-url', other] });
  const [first, second] = await until(
    'one of them halted',
    async () => {
      const all = (await node.control.status()).networks ?? [];
      return [...all].sort((one, two) => Number(one.stage === 'halted') - Number(two.stage === 'halted'));
    },
    ([one, two]) => one?.connected === true && two?.stage === 'halted',
  );
  expect(first?.failure).toBeNull();
  expect(isServing(first as NonNullable<typeof first>)).toBe(false);
  expect(second?.failure).toMatchObject({
    code: 'NETWORK_TWICE',
    advice: expect.stringContaining('name it once in the settings') as string,
  });
  expect((await runHere(['healthcheck', '--data-dir', node.dataDir], directory)).code).toBe(0);
  expect(await node.kill('SIGTERM')).toBe(0);
}, 60_000);
