import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineClient, EngineLoad } from '../../src/adapters/engine/engine-client.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { askEngineLoad } from '../../src/daemon/ask-engine-load.js';
import { createEngineProgress } from '../../src/services/engine-progress.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const LOAD: EngineLoad = { running: 1, waiting: 0, kvUse: 0.5, tokensOut: 9 };

/** Answers at once, or hangs until it is given up. */
const rig = (load: (signal: AbortSignal) => Promise<EngineLoad> = async () => LOAD) => {
  const clock = new ManualClock();
  const engine = () => {
    const unused = (): never => {
      throw new Error('only its load is asked');
    };
    const client: EngineClient = {
      health: unused,
      models: unused,
      version: unused,
      complete: unused,
      stream: unused,
      close: unused,
      load: vi.fn(load),
    };
    return { progress: createEngineProgress(() => 0), client };
  };
  const first = engine();
  const control = { watched: first, isWarm: true };
  return { clock, control, first, engine, ask: askEngineLoad(control, () => clock.monotonicMs()) };
};

const asked = ({ client }: { readonly client: EngineClient }): number =>
  vi.mocked(client.load).mock.calls.length;

test('asks an engine that is up, at most every five seconds', async () => {
  const { ask, clock, first } = rig();
  expect(await Promise.all([ask(), ask()])).toEqual([LOAD, LOAD]);
  clock.advance(4_999);
  await ask();
  expect(asked(first)).toBe(1);
  clock.advance(1);
  await ask();
  expect(asked(first)).toBe(2);
});

test('asks the next engine at once', async () => {
  const { ask, control, engine } = rig();
  await ask();
  const next = engine();
  control.watched = next;
  await ask();
  expect(asked(next)).toBe(1);
});

test('asks nothing of an engine that is starting, or of none', async () => {
  const { ask, control, first } = rig();
  control.isWarm = false;
  expect(await ask()).toBeUndefined();
  expect(asked(first)).toBe(0);
});

test('an engine that is silent is given up after a second, and one that fails is not known', async () => {
  const hanging = rig(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const answer = hanging.ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await answer).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);

  const failing = rig(async () => Promise.reject(new Error('no')));
  expect(await failing.ask()).toBeUndefined();
});
