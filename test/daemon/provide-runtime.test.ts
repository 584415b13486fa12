// The Runtime's chart with its real services, as the daemon puts it together from an engine's definition.
import { expect, test, vi } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { provideRuntime } from '../../src/daemon/provide-runtime.js';
import { engineByKey } from '../../src/runtimes/engines/engines.js';
import { playedRuntime, SPEC_HASH } from '../services/runtime-rig.js';

test.each(['simulator', 'llama.cpp', 'vllm'])(
  '%s has as long to get ready as its definition says',
  async (key) => {
    const { engine, parts } = playedRuntime();
    engine.health = undefined;
    const clock = new SimulatedClock();
    const machine = provideRuntime({
      ...parts,
      prepareRuntime: parts.prepare,
      engine: { key },
      random: () => 0.5,
    });
    const runtime = createActor(machine, { clock }).start();
    runtime.send({ type: 'runtime.specified', spec: { specHash: SPEC_HASH, models: [] } });
    await vi.waitUntil(() => runtime.getSnapshot().matches({ live: 'warming' }));
    const { deadlineMs } = engineByKey(key).readiness;
    clock.increment(deadlineMs - 1);
    expect(runtime.getSnapshot().value).toEqual({ live: 'warming' });
    clock.increment(1);
    expect(runtime.getSnapshot()).toMatchObject({
      value: 'stopping',
      context: { fault: { code: 'RUNTIME_CONDEMNED', message: 'not ready within the limit' } },
    });
    runtime.stop();
  },
);
