// The node is killed at random moments under load.
import { expect, onTestFinished, test } from 'vitest';
import { glanceAtNode } from '../history/read-node.js';
import { FaultTally, noteDurations } from '../report.js';
import { scaled } from '../scale.js';
import { bundledLives } from './bundle-lives.js';
import { judgeRun } from './judge-run.js';
import { startWorld } from './world.js';

const KILLS = 200;
const OPEN_JOBS = 6;
/** Of a life that may end before it serves, and of one that begins to count when it does. */
const START_MS = 1_500;
const SERVING_MS = 500;

const lives = bundledLives();

test('kill -9 at random moments under load', async () => {
  const kills = scaled(KILLS);
  const tally = new FaultTally('node killed');
  const world = await startWorld('random kills', lives());
  onTestFinished(() => world.close());
  const first = world.live(null);
  await world.claim();
  expect(await first.ready).not.toBeNull();
  world.load.keep(OPEN_JOBS, 10 * kills);
  let life = first;
  for (let kill = 0; kill < kills; kill++) {
    if (world.random(2) === 0) await pause(world.random(START_MS));
    else await life.ready.then(() => pause(world.random(SERVING_MS)));
    life.kill('SIGKILL');
    await life.ended;
    await glanceAtNode(world.history, world.nodeDir, 'devnet');
    life = world.live(null);
  }
  await life.ready;
  const promised = { name: 'random kills', leastJobs: scaled(KILLS / 2), leastFaults: kills };
  const judged = await judgeRun(world, promised, life);
  tally.count('at a random moment under load', 'resumed, every job ended once', kills);
  tally.file();
  noteDurations(
    'killed node serves again',
    judged.of('back').map(({ took_ms }) => took_ms),
  );
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
