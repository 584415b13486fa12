// What a test can make the engine in memory do, and that the host tells it as a real one would.
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryContainerEngine } from '../../../src/adapters/runtime-host/memory-container-engine.js';
import { MemoryRuntimeHost } from '../../../src/adapters/runtime-host/memory-runtime-host.js';
import type { PullProgress, RuntimeHostEvent } from '../../../src/adapters/runtime-host/runtime-host.js';
import { containerSpec } from './container-specs.js';

const never = new AbortController().signal;
const spec = containerSpec();
const other = containerSpec({ specHash: `sha256:${'b'.repeat(64)}` });
const progress = (doneBytes: number): PullProgress => ({
  layersDone: 0,
  layersTotal: 1,
  doneBytes,
  totalBytes: 10,
});

let engine: MemoryContainerEngine;
let host: MemoryRuntimeHost;

beforeEach(() => {
  engine = new MemoryContainerEngine();
  engine.images.add(spec.image);
  host = new MemoryRuntimeHost({ engine });
});

const only = () => {
  const [container] = engine.containers;
  if (container === undefined || engine.containers.length > 1) throw new Error('not one container');
  return container;
};

const listen = (count: number): Promise<readonly RuntimeHostEvent[]> => {
  const left = new AbortController();
  const heard: RuntimeHostEvent[] = [];
  const hear = async () => {
    for await (const event of host.watch(left.signal)) if (heard.push(event) === count) left.abort();
    return heard;
  };
  return hear();
};

describe('images', () => {
  const image = `registry.test/engine@sha256:${'9'.repeat(64)}`;

  test('pulls what a registry has, once, and tells how far it is', async () => {
    engine.publish(image, async function* () {
      yield progress(4);
      yield progress(10);
    });
    const told: number[] = [];
    const tell = ({ doneBytes }: PullProgress) => void told.push(doneBytes);
    await expect(host.ensureImage(image, tell, never)).resolves.toBe(`sha256:${'9'.repeat(64)}`);
    await host.ensureImage(image, tell, never);
    expect(told).toEqual([4, 10]);
    expect(engine.done).toEqual(['pull']);
  });

  test('a pull that fails, hangs or has no registry leaves no image', async () => {
    const cut = new Error('cut');
    engine.publish(image, async function* () {
      yield progress(4);
      throw cut;
    });
    await expect(host.ensureImage(image, () => {}, never)).rejects.toBe(cut);
    engine.publish(image, async function* () {
      yield progress(4);
      await new Promise(() => {});
    });
    const left = new AbortController();
    const reason = new Error('left');
    const pulling = host.ensureImage(image, () => left.abort(reason), left.signal);
    await expect(pulling).rejects.toBe(reason);
    const foreign = `registry.test/none@sha256:${'8'.repeat(64)}`;
    await expect(host.ensureImage(foreign, () => {}, never)).rejects.toMatchObject({
      details: { trouble: 'unknown' },
      retryable: true,
    });
    const byId = `sha256:${'7'.repeat(64)}`;
    await expect(host.ensureImage(byId, () => {}, never)).rejects.toMatchObject({
      details: { trouble: 'absent' },
      retryable: false,
    });
    await expect(host.start(containerSpec({ image }), never)).rejects.toMatchObject({
      details: { trouble: 'absent' },
    });
    expect(engine.containers).toEqual([]);
  });
});

describe('containers', () => {
  test('adopts what runs with the wanted spec, and replaces what is another or was altered', async () => {
    const first = await host.start(spec, never);
    await expect(host.start(spec, never)).resolves.toEqual({ ...first, adopted: true });
    only().altered = ['HostConfig.NetworkMode'];
    const second = await host.start(spec, never);
    expect(second).toMatchObject({ adopted: false });
    const third = await host.start(other, never);
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    await expect(host.inspect(first)).resolves.toEqual({ phase: 'absent' });
    expect(only().id).toBe(third.id);
  });

  test('refuses GPUs it cannot hand out, and the name another node holds', async () => {
    await expect(host.start(containerSpec({ gpus: ['GPU-1'] }), never)).rejects.toMatchObject({
      details: { trouble: 'gpu' },
    });
    engine.report = { ...engine.report, gpuInjection: 'cdi' };
    await expect(host.start(containerSpec({ gpus: ['GPU-1'] }), never)).resolves.toMatchObject({
      adopted: false,
    });
    const neighbour = new MemoryRuntimeHost({ engine, nodeId: `0x${'ab'.repeat(6)}${'cd'.repeat(14)}` });
    await expect(neighbour.start(spec, never)).rejects.toMatchObject({ code: 'CONTAINER_CONFLICT' });
    await expect(neighbour.reconcile(undefined)).resolves.toEqual({ found: undefined, removed: [] });
    expect(engine.containers).toHaveLength(1);
  });

  test('keeps the wanted one when it reconciles, and removes it when none is', async () => {
    const { id } = await host.start(spec, never);
    await expect(host.reconcile(spec.specHash)).resolves.toMatchObject({ found: { id }, removed: [] });
    await expect(host.reconcile(undefined)).resolves.toEqual({ found: undefined, removed: [id] });
  });

  test('one that ignores the order to stop is killed; one that is gone is success', async () => {
    const ref = await host.start(spec, never);
    engine.isObedient = false;
    await expect(host.stop(ref)).resolves.toEqual({ code: 137, outOfMemory: false });
    await expect(host.stop(ref)).resolves.toEqual({ code: null, outOfMemory: false });
    expect(engine.done).toEqual(['start', 'stop', 'remove']);
  });

  test('gives the last lines of a log', async () => {
    const ref = await host.start(spec, never);
    only().log = ['one', 'two', 'three'];
    await expect(host.tailLog(ref, 2)).resolves.toEqual(['two', 'three']);
  });
});

describe('news', () => {
  test('tells an end for memory in order, and inspects as told', async () => {
    const ref = await host.start(spec, never);
    const news = listen(2);
    engine.runOutOfMemory(only(), true);
    const exit = { code: 137, outOfMemory: true };
    await expect(news).resolves.toEqual([
      { type: 'oom', id: ref.id },
      { type: 'died', id: ref.id, exit },
    ]);
    await expect(host.inspect(ref)).resolves.toMatchObject({ phase: 'exited', exit, pid: undefined });
  });

  test('never tells what happened while the engine was away', async () => {
    const ref = await host.start(spec, never);
    const news = listen(4);
    engine.lose('hung');
    await expect(host.inspect(ref)).rejects.toMatchObject({
      code: 'CONTAINER_ENGINE_UNAVAILABLE',
      details: { trouble: 'hung' },
    });
    engine.exit(only(), 0);
    engine.bringBack();
    engine.remove(only());
    const late = await host.start(spec, never);
    engine.pause(only());
    await expect(news).resolves.toEqual([
      { type: 'lost', reason: 'hung' },
      { type: 'back' },
      { type: 'destroyed', id: ref.id },
      { type: 'paused', id: late.id },
    ]);
  });

  test('tells nothing of another node, and ends when nobody listens any more', async () => {
    const neighbour = new MemoryRuntimeHost({ engine, nodeId: `0x${'cd'.repeat(20)}` });
    const foreign = await neighbour.start(spec, never);
    const news = listen(1);
    await neighbour.stop(foreign);
    const own = await host.start(spec, never);
    engine.pause(only());
    await expect(news).resolves.toEqual([{ type: 'paused', id: own.id }]);
  });
});
