// What the watch concludes of a Runtime that is up: well, busy, hung, dead, wrong, altered, paused, out of control.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RuntimeCrashedError, RuntimeRejectedError } from '../../src/adapters/engine/engine-errors.js';
import { LOOK_EVERY_MS, playedRuntime, SPEC_HASH, TOKEN } from './runtime-rig.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EMPTY = { ...TOKEN, usage: { promptTokens: 1, completionTokens: 0 } };

/** Answers nothing until the request is given up. */
const silence = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** A warm and watched Runtime, and a step of its clock followed by one look. */
const world = async (...change: Parameters<typeof playedRuntime>) => {
  const rig = playedRuntime(...change);
  const watch = await rig.watched();
  /** @param ms how far both the clock and the timers go */
  const pass = async (ms: number): Promise<void> => {
    rig.clock.ms += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  /** The clock jumps; then the watch looks once. */
  const look = async (ms = 0): Promise<void> => {
    rig.clock.ms += ms;
    await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS);
  };
  await look();
  return { ...rig, ...watch, pass, look };
};

const types = (events: readonly { readonly type: string }[]): string[] => [
  ...new Set(events.map(({ type }) => type)),
];

describe('health', () => {
  test('an engine that does not answer is suspect until it does', async () => {
    const { engine, look, told, stop } = await world();
    engine.health = undefined;
    await look();
    expect(told('runtime.doubted')).toMatchObject([{ reason: 'its health check fails' }]);
    engine.health = 200;
    await look();
    expect(told('runtime.trusted')).toHaveLength(1);
    stop();
  });

  test('is looked at at once when a job breaks', async () => {
    const { engine, control, told, pass, stop } = await world();
    engine.job = async () => {
      engine.health = 503;
      throw new RuntimeCrashedError('the connection to the engine broke');
    };
    const { signal } = new AbortController();
    const job = control.client?.stream('completions', {}, () => undefined, signal);
    const broken = expect(job).rejects.toMatchObject({ code: 'RUNTIME_CRASHED' });
    await pass(1);
    expect(told('runtime.condemned')).toMatchObject([{ failure: { code: 'RUNTIME_DEAD' } }]);
    await pass(250);
    await broken;
    stop();
  });

  test('a server that says its engine is dead is condemned at once, and only once', async () => {
    const { engine, look, events, stop } = await world();
    engine.health = 503;
    await look();
    await look();
    expect(events).toMatchObject([
      { type: 'runtime.condemned', failure: { code: 'RUNTIME_DEAD', retryable: true } },
    ]);
    stop();
  });

  test('one that is loading again is suspect', async () => {
    const { engine, look, events, stop } = await world({ isLoading: (status) => status === 503 });
    engine.health = 503;
    await look();
    expect(types(events)).toEqual(['runtime.doubted']);
    stop();
  });
});

test('an engine that is healthy and hangs under a job is condemned once, and its jobs are told apart', async () => {
  const { engine, control, look, pass, told, stop } = await world();
  engine.job = silence;
  engine.test = silence;
  const { signal } = new AbortController();
  void control.client?.stream('completions', {}, () => undefined, signal).catch(() => undefined);
  await look(70_000);
  expect(told('runtime.doubted')).toMatchObject([{ reason: 'no progress' }]);
  await pass(10_000);
  await look();
  expect(told('runtime.condemned')).toMatchObject([{ failure: { code: 'RUNTIME_HUNG' } }]);
  expect(control.watched?.progress.isCondemned).toBe(true);
  stop();
});

describe('a test request', () => {
  test('goes to an idle engine once a minute, and to none that has just worked', async () => {
    const { engine, control, look, stop } = await world();
    expect(engine.tests).toBe(1);
    await look(59_000);
    expect(engine.tests).toBe(1);
    await look(1_000);
    await look();
    expect(engine.tests).toBe(2);
    let finish: () => void = () => undefined;
    engine.job = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const { signal } = new AbortController();
    const job = control.client?.stream('completions', {}, () => undefined, signal);
    await look(59_000);
    finish();
    await job;
    await look(59_000);
    expect(engine.tests).toBe(2);
    stop();
  });

  test('answered wrongly twice in a row condemns; answered rightly after once, it is trusted again', async () => {
    const { engine, look, events, stop } = await world();
    engine.test = async () => EMPTY;
    await look(60_000);
    expect(events).toEqual([{ type: 'runtime.doubted', reason: 'a wrong answer to a test request' }]);
    engine.test = async () => TOKEN;
    await look();
    expect(types(events)).toEqual(['runtime.doubted', 'runtime.trusted']);
    engine.test = async () => EMPTY;
    await look(60_000);
    await look();
    expect(events.at(-1)).toMatchObject({
      type: 'runtime.condemned',
      failure: { code: 'RUNTIME_WRONG_OUTPUT', retryable: true },
    });
    stop();
  });

  test('an engine that refuses what it answered before may be mended by another start', async () => {
    const { engine, look, events, stop } = await world();
    engine.test = async () => {
      throw new RuntimeRejectedError('no such model', { details: { status: 404 } });
    };
    await look(60_000);
    await look();
    expect(events.at(-1)).toMatchObject({
      type: 'runtime.condemned',
      failure: { code: 'RUNTIME_WRONG_OUTPUT', retryable: true },
    });
    stop();
  });

  test('without an answer makes an idle engine suspect, and is asked again', async () => {
    const { engine, look, pass, events, stop } = await world();
    engine.test = silence;
    await look(60_000);
    expect(events).toEqual([]);
    await pass(10_000);
    expect(events).toEqual([{ type: 'runtime.doubted', reason: 'no answer to a test request' }]);
    engine.test = async () => TOKEN;
    await pass(10_000);
    await look();
    expect(events.at(-1)).toEqual({ type: 'runtime.trusted' });
    stop();
  });

  test.each([
    ['is full', 429],
    ['works on others’ requests', 0],
  ])('without an answer says nothing against an engine that %s', async (_, status) => {
    const { engine, look, pass, events, stop } = await world();
    engine.test = async (signal) => {
      if (status === 429) throw new RuntimeRejectedError('full', { details: { status } });
      engine.tokensOut = (engine.tokensOut ?? 0) + 100;
      return silence(signal);
    };
    await look(60_000);
    await pass(10_000);
    await pass(120_000);
    expect(events).toEqual([]);
    stop();
  });

  test('without an answer says nothing where nobody counts tokens: a queue looks the same', async () => {
    const { engine, look, pass, events, stop } = await world();
    engine.tokensOut = null;
    engine.test = silence;
    await look(60_000);
    await pass(10_000);
    expect([events, engine.tests]).toEqual([[], 2]);
    await pass(30_000);
    expect(engine.tests).toBe(2);
    stop();
  });

  test('that meets a job leaves the verdict to the watch over jobs', async () => {
    const { engine, control, look, pass, events, stop } = await world();
    engine.test = silence;
    await look(60_000);
    engine.job = silence;
    const { signal } = new AbortController();
    void control.client?.stream('completions', {}, () => undefined, signal).catch(() => undefined);
    await pass(10_000);
    expect(events).toEqual([]);
    stop();
  });
});

describe('what the driver notices', () => {
  test('a process killed for memory: suspect until it answers, and the reason if it then ends', async () => {
    const { engine, driver, look, events, lines, stop } = await world();
    driver.notice({ type: 'oom' });
    expect(events).toEqual([{ type: 'runtime.doubted', reason: 'a process in it was killed for memory' }]);
    await look();
    expect([types(events), engine.tests]).toEqual([['runtime.doubted', 'runtime.trusted'], 2]);
    driver.crash({ code: 0 });
    expect(events.at(-1)).toMatchObject({
      type: 'runtime.exited',
      failure: { code: 'RUNTIME_OOM', retryable: true },
    });
    expect(lines.map(({ event }) => event)).toContain('runtime.oom');
    stop();
  });

  test('an altered Runtime is replaced, and the fields are told', async () => {
    const { driver, events, lines, stop } = await world();
    driver.notice({ type: 'altered', fields: ['mounts', 'network'] });
    expect(events).toMatchObject([{ type: 'runtime.condemned', failure: { code: 'RUNTIME_ALTERED' } }]);
    expect(lines.at(-1)).toMatchObject({
      event: 'runtime.condemned',
      code: 'RUNTIME_ALTERED',
      details: { fields: ['mounts', 'network'] },
    });
    stop();
  });

  test('a paused Runtime is suspect, and a thawed one until it has answered', async () => {
    const { engine, driver, look, events, stop } = await world();
    driver.notice({ type: 'paused' });
    await look();
    expect(events.at(-1)).toEqual({ type: 'runtime.doubted', reason: 'paused from outside' });
    engine.test = silence;
    driver.notice({ type: 'unpaused' });
    expect(events.at(-1)).toEqual({ type: 'runtime.doubted', reason: 'paused until now' });
    expect(types(events)).toEqual(['runtime.doubted']);
    engine.test = async () => TOKEN;
    await vi.advanceTimersByTimeAsync(10_000);
    await look();
    expect(events.at(-1)).toEqual({ type: 'runtime.trusted' });
    stop();
  });

  test('a container engine that is gone says nothing about the Runtime', async () => {
    const { driver, look, events, stop } = await world();
    driver.notice({ type: 'controlLost', reason: 'refused' });
    await look();
    driver.notice({ type: 'controlBack' });
    expect(events).toEqual([{ type: 'control.lost' }, { type: 'control.regained' }]);
    stop();
  });
});

describe('an exit', () => {
  const explain = (words: string) =>
    words.includes('No available memory')
      ? { retryable: false, advice: 'Serve a smaller model.' }
      : undefined;

  test('with code 0 is a failure like any other', async () => {
    const { driver, events, stop } = await world();
    driver.crash({ code: 0 });
    expect(events).toMatchObject([
      {
        type: 'runtime.exited',
        failure: {
          code: 'RUNTIME_EXITED',
          retryable: true,
          message: 'the Runtime ended by itself (exit code 0)',
        },
      },
    ]);
    stop();
  });

  test('while it starts is judged by its last words; later they only advise', async () => {
    const starting = playedRuntime({ explain });
    const { events, stop } = await starting.watched();
    starting.control.isWarm = false;
    starting.driver.crash({ tail: 'ValueError: No available memory for the cache blocks.' });
    expect(events).toMatchObject([{ failure: { retryable: false, advice: 'Serve a smaller model.' } }]);
    stop();

    const serving = await world({ explain });
    serving.driver.crash({ tail: 'a job said: No available memory' });
    expect(serving.events).toMatchObject([
      { failure: { retryable: true, advice: 'Serve a smaller model.' } },
    ]);
    serving.stop();
  });
});

test('what is forgotten after it served for a while is forgotten on disk', async () => {
  const { judge, started, warmed, parts } = playedRuntime();
  const { createActor } = await import('xstate');
  const { watchRuntime } = await import('../../src/services/watch-runtime.js');
  await judge.record(SPEC_HASH, { code: 'X', message: 'x', retryable: true });
  const watch = createActor(watchRuntime(parts), { input: { specHash: SPEC_HASH } }).start();
  await started();
  await warmed();
  watch.send({ type: 'failures.forget' });
  await vi.advanceTimersByTimeAsync(0);
  expect(judge.recall(SPEC_HASH).failures).toBe(0);
  watch.stop();
});

test('nothing is told of a Runtime that is watched no more', async () => {
  const { engine, driver, look, events, stop } = await world();
  engine.health = 503;
  stop();
  await look(60_000);
  driver.notice({ type: 'oom' });
  driver.crash();
  expect(events).toEqual([]);
});
