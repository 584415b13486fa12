// The Runtime's steps on a driver and a client that a test plays: what a ready engine's silence leads to.
import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import type { EngineClient } from '../../src/adapters/engine/engine-client.js';
import { RuntimeCrashedError, RuntimeUnreachableError } from '../../src/adapters/engine/engine-errors.js';
import { systemClock } from '../../src/adapters/host/clock.js';
import { MemoryDriver } from '../../src/adapters/runtime/memory-driver.js';
import {
  type RunRuntimeParts,
  startRuntime,
  stopRuntime,
  warmRuntime,
} from '../../src/services/run-runtime.js';
import { createRuntimeControl } from '../../src/services/runtime-control.js';
import { watchRuntime } from '../../src/services/watch-runtime.js';
import { spec as runtimeSpec } from '../adapters/runtime/specs.js';
import { rememberingLogger, runService } from './rig.js';

const SPEC_HASH = 'sha256:spec';

/** An engine like llama.cpp: it does not tell its version. */
const versionless = (engine: { isHealthy: boolean }): EngineClient => ({
  health: async () => {
    if (!engine.isHealthy) throw new RuntimeUnreachableError('no answer on /health');
  },
  models: async () => [{ id: 'one', maxModelLen: undefined }],
  version: async () => undefined,
  load: () => Promise.reject(new Error('not asked for')),
  complete: () => Promise.reject(new Error('not asked for')),
  stream: () => Promise.reject(new Error('not asked for')),
  close: async () => undefined,
});

/** A Runtime that is up and warm, below the services. */
const warmWorld = async (client: EngineClient, change: Partial<RunRuntimeParts> = {}) => {
  const driver = new MemoryDriver();
  const control = createRuntimeControl(driver, () => client);
  const model = { id: 'one', digest: 'sha256:one', path: undefined, tasks: ['chat'] as const };
  const spec = runtimeSpec({ specHash: SPEC_HASH, engine: 'llama.cpp', models: [model], maxConcurrent: 1 });
  control.specs.set(SPEC_HASH, spec);
  const parts: RunRuntimeParts = {
    control,
    clock: systemClock,
    logger: rememberingLogger().logger,
    prepare: async () => undefined,
    healthEveryMs: 1,
    silenceMs: 60_000,
    canary: () => undefined,
    ...change,
  };
  const input = { specHash: SPEC_HASH };
  await toPromise(createActor(startRuntime(parts), { input }).start());
  await toPromise(createActor(warmRuntime(parts), { input }).start());

  return { parts, control, driver, ...runService(watchRuntime(parts), input) };
};

test('doubts and trusts again an engine that does not tell its version', async () => {
  const engine = { isHealthy: true };
  const { events, stop } = await warmWorld(versionless(engine));
  engine.isHealthy = false;
  await expect.poll(() => events.some(({ type }) => type === 'runtime.doubted')).toBe(true);
  engine.isHealthy = true;
  await expect.poll(() => events.at(-1)?.type).toBe('runtime.trusted');
  stop();
});

test('condemns once an engine that is healthy and hangs, and its job ends as stalled before the engine is gone', async () => {
  let fail: (error: Error) => void = () => undefined;
  let isStopped = false;
  const hung: EngineClient = {
    ...versionless({ isHealthy: true }),
    load: async () => ({ running: 0, waiting: 0, kvUse: 0, tokensOut: 7 }),
    complete: () => Promise.reject(new Error('no answer')),
    stream: () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
    close: async () => fail(new RuntimeCrashedError('closed')),
  };
  const clock = { nowMs: () => 0, monotonicMs: () => clock.ms, ms: 0 };
  const { parts, control, driver, events, stop } = await warmWorld(hung, {
    clock,
    silenceMs: 60_000,
    canary: () => ({ endpoint: 'completions', request: {} }),
  });
  const signal = new AbortController().signal;
  const job = control.client?.stream('completions', {}, () => undefined, signal);
  const ended = job?.catch((error: unknown) => ({ error, isStopped }));
  clock.ms = 70_000;
  const condemned = () => events.filter(({ type }) => type === 'runtime.condemned');
  await expect.poll(() => condemned().length).toBe(1);
  expect(condemned()).toEqual([
    { type: 'runtime.condemned', reason: 'hung: 1 request(s) and no token for 70 s' },
  ]);
  expect(events.some(({ type }) => type === 'runtime.doubted')).toBe(true);
  driver.stop = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isStopped = true;
  };
  await toPromise(createActor(stopRuntime(parts)).start());
  expect(await ended).toMatchObject({ error: { code: 'RUNTIME_STALLED' }, isStopped: false });
  expect(isStopped).toBe(true);
  expect(condemned()).toHaveLength(1);
  stop();
});
