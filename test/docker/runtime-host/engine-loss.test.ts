// A Docker Engine that is killed under the host, and comes back: an engine of this file's own.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RuntimeHost, RuntimeHostEvent } from '../../../src/adapters/runtime-host/runtime-host.js';
import { startTestEngine, type TestEngine } from '../engine/test-engine.js';
import { createDockerRig, type DockerRig, randomNodeId } from './docker-rig.js';

const never = new AbortController().signal;

describe.skipIf(inject('engineSocket') === null)('a Docker Engine that dies', () => {
  let engine: TestEngine;
  let rig: DockerRig;
  let host: RuntimeHost;
  let left: AbortController;
  let events: RuntimeHostEvent[];
  let watching: Promise<void>;

  beforeAll(async () => {
    engine = await startTestEngine();
    rig = await createDockerRig(engine.socketPath);
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await engine.remove();
  });

  const watch = (): void => {
    host = rig.host(randomNodeId());
    left = new AbortController();
    events = [];
    watching = (async () => {
      for await (const event of host.watch(left.signal)) events.push(event);
    })();
  };
  afterEach(async () => {
    left.abort();
    await watching;
  });

  const types = () => events.map(({ type }) => type);

  test('is lost once and back once, and its Runtime is looked after again', async () => {
    watch();
    const spec = rig.spec();
    const ref = await host.start(spec, never);
    await rig.isUp(host, ref);
    await engine.kill();
    await expect.poll(types).toEqual(['lost']);
    await expect(host.inspect(ref)).rejects.toMatchObject({
      code: 'CONTAINER_ENGINE_UNAVAILABLE',
      details: { trouble: 'refused' },
      retryable: true,
    });
    // A second look that fails is not told again.
    await expect(host.stop(ref, 1_000)).rejects.toMatchObject({ code: 'CONTAINER_ENGINE_UNAVAILABLE' });
    await engine.start();
    await expect.poll(types, { timeout: 20_000 }).toContain('back');
    expect(types().filter((type) => type === 'lost' || type === 'back')).toEqual(['lost', 'back']);
    // Without live-restore an engine that comes back ends what ran.
    await expect.poll(() => host.inspect(ref), { timeout: 20_000 }).toMatchObject({ phase: 'exited' });
    const next = await host.start(spec, never);
    expect(next).toMatchObject({ adopted: false });
    await rig.isUp(host, next);
    expect(await host.stop(next, 5_000)).toEqual({ code: 0, outOfMemory: false });
    await expect.poll(() => events.at(-1)).toEqual({ type: 'destroyed', id: next.id });
  });

  test('does not hold a call that waits for it', async () => {
    watch();
    const deaf = rig.spec(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000); console.log('up');",
    );
    const ref = await host.start(deaf, never);
    await rig.isUp(host, ref);
    const stopping = host.stop(ref, 60_000);
    const refused = expect(stopping).rejects.toMatchObject({ code: 'CONTAINER_ENGINE_UNAVAILABLE' });
    await expect.poll(async () => (await host.inspect(ref)).phase).toBe('running');
    await engine.kill();
    await refused;
    await engine.start();
    await expect
      .poll(() => host.reconcile(undefined), { timeout: 20_000 })
      .toMatchObject({ removed: [ref.id] });
  });
});
