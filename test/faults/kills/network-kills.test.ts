// The network is killed under load and comes back: the node waits for it, and nothing is lost or doubled on either side.
import { expect, onTestFinished, test } from 'vitest';
import { createControlClient } from '../../../src/console/control-client.js';
import { controlSocketOf } from '../../../src/console/control-socket.js';
import { until } from '../../e2e/processes.js';
import { FaultTally, noteDurations } from '../report.js';
import { scaled } from '../scale.js';
import { bundledLives } from './bundle-lives.js';
import { judgeRun } from './judge-run.js';
import { BACK_WITHIN_MS, startWorld } from './world.js';

const KILLS = 50;
const OPEN_JOBS = 6;
const LIFE_MS = 1_000;

const lives = bundledLives();

test('kill -9 of the network under load', async () => {
  const kills = scaled(KILLS);
  const tally = new FaultTally('network killed');
  const world = await startWorld('network kills', lives());
  onTestFinished(() => world.close());
  const { history, network, nodeDir } = world;
  const node = world.live(null);
  await world.claim();
  expect(await node.ready).not.toBeNull();
  world.load.keep(OPEN_JOBS, 20 * kills);
  const control = createControlClient(controlSocketOf(nodeDir), nodeDir);
  const returns: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await new Promise((resolve) => setTimeout(resolve, world.random(LIFE_MS)));
    await network.end('SIGKILL');
    history.add({ kind: 'fault', at_ms: Date.now(), fault: 'kill -9', target: 'network' });
    await network.start();
    const upMs = Date.now();
    await until(
      'the node is connected again',
      () => control.status(),
      (status) => status.network.connected,
      BACK_WITHIN_MS,
    );
    const at_ms = Date.now();
    returns.push(at_ms - upMs);
    history.add({ kind: 'back', at_ms, took_ms: at_ms - upMs, limit_ms: BACK_WITHIN_MS });
  }
  const promised = { name: 'network kills', leastJobs: kills, leastFaults: kills };
  await judgeRun(world, promised, node);
  tally.count('under load', 'all back, every job ended once', kills);
  tally.file();
  noteDurations('node is connected again once its network is up', returns);
});
