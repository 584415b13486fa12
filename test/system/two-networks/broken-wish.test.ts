// What the preferred network asks for can never work: the other one is served instead, over a restart and a vain retry
// too, until the preferred one asks for something better.
import { expect, test } from 'vitest';
import { runHere, until } from '../../e2e/processes.js';
import { publish } from '../../e2e/whole-system.js';
import { ask, inNetwork, startNode, startTwoNetworks, untilServing, withFlags } from './rig.js';

test('an engine that cannot start for the preferred network leaves the Runtime to the other one', async () => {
  const { node, mainnet, testnet, directory, draft } = await startTwoNetworks({
    mainnet: (one) => withFlags(one, { 'no-such-flag': '1' }),
  });
  await untilServing(node, testnet);
  const isGivenUp = () =>
    until(
      'mainnet knows that its Runtime was given up',
      () => inNetwork(node, mainnet),
      ({ models }) =>
        models.length > 0 &&
        models.every(({ state, reason }) => state === 'failed' && reason === 'engine_start_invalid'),
      60_000,
    );
  expect(await isGivenUp()).toMatchObject({ connected: true, hasRuntime: false, runtimeHolder: 'testnet' });
  await ask(testnet);

  // Nothing was mended: what is tried again in vain takes nothing from the other network for good.
  const retried = await runHere(['retry', '--json', '--data-dir', node.dataDir], directory);
  expect(JSON.parse(retried.stdout)).toMatchObject({ retried: true });
  await isGivenUp();
  await untilServing(node, testnet);
  await ask(testnet);

  expect(await node.kill('SIGTERM')).toBe(0);
  const again = startNode(directory, mainnet, testnet);
  await untilServing(again, testnet);
  await ask(testnet);

  await publish(mainnet, draft);
  await untilServing(again, mainnet);
  await untilServing(again, testnet);
  await Promise.all([ask(mainnet), ask(testnet)]);
  expect(await again.kill('SIGTERM')).toBe(0);
}, 240_000);
