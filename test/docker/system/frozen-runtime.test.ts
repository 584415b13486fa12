// A Runtime that stands still: frozen by its owner, who is believed, or by nobody who says so.
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../../e2e/whole-system.js';
import { simulatorImage } from '../images/simulator-image.js';
import { hasEngine, sharedEngine, startContainerSystem } from './container-system.js';
import { openStreams } from './open-streams.js';

const SLOW = { 'tokens-per-second': '50' };
/** Health checks without an answer for a while, and then a new container. */
const FOUND_WITHIN_MS = 60_000;

describe.skipIf(!hasEngine())('a Runtime that stands still', () => {
  let image: string;
  beforeAll(async () => {
    image = await simulatorImage(sharedEngine().docker);
  });

  test('paused by its owner for a moment: no new jobs meanwhile, and the running ones go on', async () => {
    const system = await startContainerSystem(sharedEngine(), image, { flags: SLOW });
    const { node } = system;
    const container = system.docker.getContainer((await system.container()).Id);
    const ends = await openStreams(system.client, 2, 200);
    await container.pause();
    const { idleReason } = await until(
      'the node has noticed',
      () => node.control.status(),
      ({ runtime }) => runtime.state === 'suspect',
    );
    expect(idleReason).not.toBeNull();
    await container.unpause();
    await untilReady(node);
    expect(await ends()).toEqual(['answered', 'answered']);
    expect((await node.control.status()).runtime).toMatchObject({ restarts: 0, doubt: null });
  });

  test('stopped in the middle of its jobs: it answers nobody, is replaced, and the jobs end typed', async () => {
    const system = await startContainerSystem(sharedEngine(), image, { flags: SLOW });
    const { node } = system;
    const before = await system.container();
    const ends = await openStreams(system.client, 2, 2_000);
    const { Processes }: { Processes: string[][] } = await system.docker
      .getContainer(before.Id)
      .top({ ps_args: '-eo pid,args' });
    const stoppedMs = performance.now();
    for (const [pid] of Processes) process.kill(Number(pid), 'SIGSTOP');
    await until(
      'it is found and replaced',
      () => node.control.status(),
      ({ runtime }) => runtime.restarts > 0,
      FOUND_WITHIN_MS,
    );
    await untilReady(node, FOUND_WITHIN_MS);
    const tookMs = Math.round(performance.now() - stoppedMs);
    console.info(`the engine is stopped: serves again after ${tookMs} ms`);
    expect(await ends()).toEqual(['upstream_failed', 'upstream_failed']);
    const attempts = await untilAcknowledged(node);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['runtime_crashed', 'runtime_crashed']);
    expect((await system.container()).Id).not.toBe(before.Id);
  });
});
