// Orders in one of two networks: a pause there frees the Runtime for the other one, and the owner's word holds in both.
import { expect, test } from 'vitest';
import { runHere, until } from '../../e2e/processes.js';
import { ask, enginesOf, inNetwork, networks, startTwoNetworks, untilServing, withFlags } from './rig.js';

test('a pause in the preferred network hands the Runtime on, its end takes it back; the owner pauses both', async () => {
  const { node, mainnet, testnet, directory } = await startTwoNetworks({
    testnet: (one) => withFlags(one, { 'tokens-per-second': '5000' }),
  });
  await untilServing(node, mainnet);
  const { nodeId } = await node.control.status();
  const order = (verb: 'pause' | 'resume') => mainnet.admin.call('nodes.order', { node: nodeId ?? '', verb });
  expect((await order('pause')).outcome).toBe('done');
  await untilServing(node, testnet);
  await ask(testnet);
  expect(await inNetwork(node, mainnet)).toMatchObject({ stage: 'paused', hasRuntime: false });
  expect((await order('resume')).outcome).toBe('done');
  await untilServing(node, mainnet);
  await ask(mainnet);
  expect(await inNetwork(node, testnet)).toMatchObject({ hasRuntime: false, runtimeHolder: 'mainnet' });

  const paused = await runHere(['pause', '--wait', '--data-dir', node.dataDir], directory);
  expect(paused.code).toBe(0);
  expect((await networks(node)).map(({ stage }) => stage)).toEqual(['paused', 'paused']);
  await until(
    'no engine runs',
    () => enginesOf(node),
    (found) => found.length === 0,
  );
  expect((await runHere(['resume', '--data-dir', node.dataDir], directory)).code).toBe(0);
  await untilServing(node, mainnet);
  await ask(mainnet);
  expect(await node.kill('SIGTERM')).toBe(0);
}, 180_000);
