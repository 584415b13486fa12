// Plays the named steps: the node is killed at each of them, seed after seed, always on the same data directory, and
// after the last one serves until nothing is owed.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { glanceAtNode } from '../history/read-node.js';
import { FaultTally, noteDurations } from '../report.js';
import { scaled } from '../scale.js';
import type { Lives } from './bundle-lives.js';
import { judgeRun } from './judge-run.js';
import type { KillOrder } from './kill-order.js';
import type { NamedStep } from './named-steps.js';
import { startWorld, type World } from './world.js';

const SEEDS = 20;
const OPEN_JOBS = 3;
/** A life that does not come to its step within this has passed it by. */
const LIFE_MS = 40_000;

const orderOf = ({ step, arrivals, within, isOfStart }: NamedStep, { random }: World): KillOrder => ({
  step,
  nth: 1 + random(arrivals),
  delayMs: within === 0 || random(3) === 0 ? null : random(within * 10) / 10,
  from: isOfStart === true || random(2) === 0 ? 'start' : 'ready',
});

const dieOnce = async (world: World, named: NamedStep): Promise<void> => {
  const kill = orderOf(named, world);
  if (named.cause === 'models') {
    await rm(join(world.nodeDir, 'models'), { recursive: true, force: true });
  }
  if (named.cause === 'config' && kill.from === 'start') await world.publish();
  const life = world.live(kill);
  const late = setTimeout(() => life.kill('SIGKILL'), LIFE_MS);
  if (kill.from === 'ready' && (await life.ready) !== null && named.cause === 'config') await world.publish();
  const { wasKilled, code } = await life.ended;
  clearTimeout(late);
  if (!wasKilled) {
    const log = (await readFile(join(world.directory, 'node.log'), 'utf8')).split('\n').slice(-30).join('\n');
    throw new Error(`${JSON.stringify(kill)}: not reached; ended with ${code}: ${life.stderr()}${log}`);
  }
  await glanceAtNode(world.history, world.nodeDir, 'devnet');
};

export const testSteps = (steps: readonly NamedStep[], lives: () => Lives): void => {
  const named = steps.map((step) => [step.name, step] as const);
  // Several at once: a node that waits for its network leaves the machine to another.
  test.concurrent.for(named)('kill -9: %s', async ([name, step], { onTestFinished }) => {
    const seeds = scaled(SEEDS);
    const tally = new FaultTally('node killed');
    const world = await startWorld(name, lives());
    onTestFinished(() => world.close());
    const first = world.live(null);
    await world.claim();
    first.kill('SIGKILL');
    await first.ended;
    world.load.keep(OPEN_JOBS, 10 * seeds);
    for (let seed = 0; seed < seeds; seed++) await dieOnce(world, step);
    const last = world.live(null);
    await last.ready;
    const judged = await judgeRun(world, { name, leastJobs: seeds, leastFaults: seeds }, last);
    tally.count(name, 'resumed, every job ended once', seeds);
    tally.file();
    noteDurations(
      'killed node serves again',
      judged.of('back').map(({ took_ms }) => took_ms),
    );
  });
};
