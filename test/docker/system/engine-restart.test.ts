// The container engine itself dies and comes back. What runs may go on without it; what the node says of it must be true.
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../../e2e/whole-system.js';
import { startTestEngine, type TestEngine } from '../engine/test-engine.js';
import { simulatorImage } from '../images/simulator-image.js';
import { hasEngine, startContainerSystem } from './container-system.js';
import { openStreams } from './open-streams.js';

const ownEngine = async (liveRestore: boolean): Promise<TestEngine> => {
  const engine = await startTestEngine({ liveRestore });
  onTestFinished(() => engine.remove());
  return engine;
};

const SLOW = { 'tokens-per-second': '50' };
/** Some seconds of work. */
const TOKENS = 400;
/** More than the test waits for. */
const LONG = 2_000;

describe.skipIf(!hasEngine())('a container engine that is killed', () => {
  test('with live-restore: jobs go on meanwhile, the Runtime stays what it was, and the node says who has no control', async () => {
    const engine = await ownEngine(true);
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker), { flags: SLOW });
    const { node } = system;
    const before = await system.container();
    const ends = await openStreams(system.client, 2, TOKENS);
    await engine.kill();
    await until(
      'the node tells that it has lost control',
      () => node.control.status(),
      ({ runtime }) => runtime.controlled === false,
    );
    expect((await node.control.status()).runtime.state).toBe('ready');
    expect(await ends()).toEqual(['answered', 'answered']);
    expect(await (await openStreams(system.client, 1, 16))()).toEqual(['answered']);

    await engine.start();
    await until(
      'the node has control again',
      () => node.control.status(),
      ({ runtime }) => runtime.controlled === true,
    );
    expect((await system.container()).Id).toBe(before.Id);
    expect((await node.control.status()).runtime).toMatchObject({ state: 'ready', restarts: 0 });
  });

  test('without: its containers end when it comes back; jobs end typed, and the Runtime is replaced', async () => {
    const engine = await ownEngine(false);
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker), { flags: SLOW });
    const { node } = system;
    const before = await system.container();
    await engine.kill();
    const ends = await openStreams(system.client, 2, LONG);
    const startedMs = performance.now();
    await engine.start();
    expect(await ends()).toEqual(['upstream_failed', 'upstream_failed']);
    await until(
      'the Runtime is started again',
      () => node.control.status(),
      ({ runtime }) => runtime.restarts > 0,
    );
    await untilReady(node, 60_000);
    const tookMs = Math.round(performance.now() - startedMs);
    console.info(`the engine restarts without live-restore: serves again after ${tookMs} ms`);
    expect((await untilAcknowledged(node)).map(({ outcome }) => outcome)).toEqual([
      'runtime_crashed',
      'runtime_crashed',
    ]);
    expect((await system.container()).Id).not.toBe(before.Id);
    expect(await (await openStreams(system.client, 1, 16))()).toEqual(['answered']);
  });
});
