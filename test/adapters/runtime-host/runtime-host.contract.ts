// What every container engine behind the port keeps, whichever it is.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ContainerSpec } from '../../../src/adapters/runtime-host/container-spec.js';
import type {
  RuntimeHost,
  RuntimeHostEvent,
  RuntimeRef,
} from '../../../src/adapters/runtime-host/runtime-host.js';

export interface RuntimeHostHarness {
  readonly host: RuntimeHost;
  /** The same node's Agent, started again. */
  readonly again: RuntimeHost;
  /** An Agent of another node on the same engine. */
  readonly neighbour: RuntimeHost;
  /**
   * Its program says `up`, ends with 0 when asked to stop, and has an image that is there.
   * @param seed gives another spec
   */
  spec(seed?: string): ContainerSpec;
  /** Makes the program end by itself, once it is up. */
  crash(ref: RuntimeRef, code: 0 | 1): Promise<void>;
  pause(ref: RuntimeRef): Promise<void>;
  unpause(ref: RuntimeRef): Promise<void>;
  /** Somebody else removes it, by force. */
  remove(ref: RuntimeRef): Promise<void>;
  cleanUp(): Promise<void>;
}

const never = new AbortController().signal;
const GRACE_MS = 5_000;

export const describeRuntimeHost = (
  name: string,
  createHarness: () => RuntimeHostHarness | Promise<RuntimeHostHarness>,
): void => {
  describe(`the container engine ${name}`, () => {
    let harness: RuntimeHostHarness;
    let host: RuntimeHost;
    const left = new Set<AbortController>();

    beforeEach(async () => {
      harness = await createHarness();
      host = harness.host;
    });
    afterEach(async () => {
      for (const watch of left) watch.abort();
      left.clear();
      await harness.cleanUp();
    });

    const isUp = (ref: RuntimeRef) =>
      expect.poll(() => host.tailLog(ref, 10), { timeout: 10_000 }).toContain('up');

    /** Hears for sure what happens from now on. */
    const listen = async (ref: RuntimeRef) => {
      const events: RuntimeHostEvent[] = [];
      const leaving = new AbortController();
      left.add(leaving);
      const over = (async () => {
        for await (const event of host.watch(leaving.signal)) events.push(event);
      })();
      await vi.waitFor(
        async () => {
          await harness.pause(ref);
          await harness.unpause(ref);
          expect(events).toContainEqual({ type: 'unpaused', id: ref.id });
        },
        { timeout: 10_000, interval: 100 },
      );
      return { events, leaving, over };
    };

    test('tells what it is', async () => {
      expect(await host.probe()).toMatchObject({
        kind: expect.stringMatching(/^(docker|podman)$/),
        apiVersion: expect.stringMatching(/^\d+\.\d+$/),
        seccomp: true,
      });
    });

    test('finds an image that is there without news of a pull, and refuses an id that is not', async () => {
      const { image } = harness.spec();
      const told: unknown[] = [];
      expect(await host.ensureImage(image, (progress) => told.push(progress), never)).toMatch(
        /^sha256:[0-9a-f]{64}$/,
      );
      expect(told).toEqual([]);
      const absent = `sha256:${'1'.repeat(64)}`;
      await expect(host.ensureImage(absent, () => {}, never)).rejects.toMatchObject({
        code: 'IMAGE_UNAVAILABLE',
        retryable: false,
        details: { trouble: 'absent', image: absent },
      });
    });

    test('starts a Runtime, tells how it is, stops it, and stops it once more', async () => {
      const spec = harness.spec();
      const ref = await host.start(spec, never);
      expect(ref).toMatchObject({ specHash: spec.specHash, adopted: false });
      await isUp(ref);
      expect(await host.inspect(ref)).toEqual({
        phase: 'running',
        specHash: spec.specHash,
        startedMs: ref.startedMs,
        exit: undefined,
        altered: [],
        pid: expect.any(Number),
      });
      expect(await host.stop(ref, GRACE_MS)).toEqual({ code: 0, outOfMemory: false });
      expect(await host.inspect(ref)).toEqual({ phase: 'absent' });
      expect(await host.stop(ref, GRACE_MS)).toEqual({ code: null, outOfMemory: false });
    });

    test('takes over the Runtime that runs with the same spec, also when the Agent has been started again', async () => {
      const spec = harness.spec();
      const { adopted: _, ...ref } = await host.start(spec, never);
      expect(await host.start(spec, never)).toEqual({ ...ref, adopted: true });
      expect(await harness.again.reconcile(spec.specHash)).toEqual({ found: ref, removed: [] });
      expect(await harness.again.start(spec, never)).toEqual({ ...ref, adopted: true });
      expect(await harness.again.inspect(ref)).toMatchObject({ phase: 'running', altered: [] });
    });

    test('replaces a Runtime of another spec', async () => {
      const old = await host.start(harness.spec('old'), never);
      const next = await host.start(harness.spec('new'), never);
      expect(next.adopted).toBe(false);
      expect(await host.inspect(old)).toEqual({ phase: 'absent' });
      expect(await host.inspect(next)).toMatchObject({ phase: 'running' });
    });

    test('replaces a Runtime that has ended', async () => {
      const spec = harness.spec();
      const ended = await host.start(spec, never);
      await harness.crash(ended, 1);
      await expect
        .poll(() => host.inspect(ended), { timeout: 10_000 })
        .toMatchObject({ phase: 'exited', exit: { code: 1, outOfMemory: false }, pid: undefined });
      const next = await host.start(spec, never);
      expect(next.adopted).toBe(false);
      expect(await host.inspect(ended)).toEqual({ phase: 'absent' });
    });

    test('removes what an earlier Agent left unless it is wanted, and nothing of another node', async () => {
      const foreign = await harness.neighbour.start(harness.spec(), never);
      const ref = await host.start(harness.spec(), never);
      expect(await harness.again.reconcile(harness.spec('other').specHash)).toEqual({
        found: undefined,
        removed: [ref.id],
      });
      expect(await host.inspect(ref)).toEqual({ phase: 'absent' });
      expect(await host.reconcile(undefined)).toEqual({ found: undefined, removed: [] });
      expect(await harness.neighbour.inspect(foreign)).toMatchObject({ phase: 'running' });
      await harness.neighbour.reconcile(undefined);
    });

    test('starts nothing for an aborted signal and throws its reason', async () => {
      const reason = new Error('left');
      const aborted = AbortSignal.abort(reason);
      await expect(host.start(harness.spec(), aborted)).rejects.toBe(reason);
      await expect(host.ensureImage(harness.spec().image, () => {}, aborted)).rejects.toBe(reason);
      expect(await host.reconcile(undefined)).toEqual({ found: undefined, removed: [] });
    });

    test('starts nothing without its image', async () => {
      const image = `sha256:${'1'.repeat(64)}`;
      await expect(host.start({ ...harness.spec(), image }, never)).rejects.toMatchObject({
        code: 'IMAGE_UNAVAILABLE',
        details: { trouble: 'absent', image },
      });
      expect(await host.reconcile(undefined)).toEqual({ found: undefined, removed: [] });
    });

    test.each([0, 1] as const)('tells of an end with code %d, and of a removal', async (code) => {
      const ref = await host.start(harness.spec(), never);
      const { events } = await listen(ref);
      await harness.crash(ref, code);
      await expect
        .poll(() => events, { timeout: 10_000 })
        .toContainEqual({ type: 'died', id: ref.id, exit: { code, outOfMemory: false } });
      await harness.remove(ref);
      await expect.poll(() => events, { timeout: 10_000 }).toContainEqual({ type: 'destroyed', id: ref.id });
      expect(events.filter(({ type }) => type === 'lost' || type === 'back')).toEqual([]);
    });

    test('tells of nobody else, and is silent once the signal aborts', async () => {
      const ref = await host.start(harness.spec(), never);
      const { events, leaving, over } = await listen(ref);
      const foreign = await harness.neighbour.start(harness.spec(), never);
      await harness.neighbour.stop(foreign, GRACE_MS);
      await harness.pause(ref);
      await expect.poll(() => events.at(-1), { timeout: 10_000 }).toEqual({ type: 'paused', id: ref.id });
      expect(events.filter((event) => 'id' in event && event.id !== ref.id)).toEqual([]);
      leaving.abort();
      await over;
      const heard = events.length;
      await harness.unpause(ref);
      await host.stop(ref, GRACE_MS);
      expect(events).toHaveLength(heard);
    });

    test('tells that a Runtime is paused, and does not take it over', async () => {
      const spec = harness.spec();
      const ref = await host.start(spec, never);
      await harness.pause(ref);
      expect(await host.inspect(ref)).toMatchObject({ phase: 'paused', exit: undefined });
      expect(await host.reconcile(spec.specHash)).toEqual({ found: undefined, removed: [ref.id] });
    });

    test('tells the last lines of a log, and none of a container that is gone', async () => {
      const ref = await host.start(harness.spec(), never);
      await isUp(ref);
      expect(await host.tailLog(ref, 1)).toHaveLength(1);
      await host.stop(ref, GRACE_MS);
      expect(await host.tailLog(ref, 10)).toEqual([]);
    });
  });
};
