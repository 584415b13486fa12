// The Runtime's steps on a driver and a client that a test plays: what a ready engine's silence leads to.
import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import type { EngineClient } from '../../src/adapters/engine/engine-client.js';
import { RuntimeUnreachableError } from '../../src/adapters/engine/engine-errors.js';
import { systemClock } from '../../src/adapters/host/clock.js';
import { MemoryDriver } from '../../src/adapters/runtime/memory-driver.js';
import {
  type RunRuntimeParts,
  startRuntime,
  warmRuntime,
  watchRuntime,
} from '../../src/services/run-runtime.js';
import { createRuntimeControl } from '../../src/services/runtime-control.js';
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

test('doubts and trusts again an engine that does not tell its version', async () => {
  const engine = { isHealthy: true };
  const control = createRuntimeControl(new MemoryDriver(), () => versionless(engine));
  const model = { id: 'one', digest: 'sha256:one', path: undefined, tasks: ['chat'] as const };
  const spec = runtimeSpec({ specHash: SPEC_HASH, engine: 'llama.cpp', models: [model], maxConcurrent: 1 });
  control.specs.set(SPEC_HASH, spec);
  const parts: RunRuntimeParts = {
    control,
    clock: systemClock,
    logger: rememberingLogger().logger,
    prepare: async () => undefined,
    healthEveryMs: 1,
  };
  const input = { specHash: SPEC_HASH };
  await toPromise(createActor(startRuntime(parts), { input }).start());
  await toPromise(createActor(warmRuntime(parts), { input }).start());

  const { events, stop } = runService(watchRuntime(parts));
  engine.isHealthy = false;
  await expect.poll(() => events.some(({ type }) => type === 'runtime.doubted')).toBe(true);
  engine.isHealthy = true;
  await expect.poll(() => events.at(-1)?.type).toBe('runtime.trusted');
  stop();
});
