// The Runtime's steps on a driver that a test plays: prepared beside another, started, taken over, stopped.
import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { RuntimeCrashedError } from '../../src/adapters/engine/engine-errors.js';
import { RuntimeStartError } from '../../src/adapters/runtime/runtime-errors.js';
import { prepareNext, stopRuntime } from '../../src/services/run-runtime.js';
import { playedRuntime, SPEC_HASH } from './runtime-rig.js';

const input = { specHash: SPEC_HASH };

test('the next Runtime is prepared without a touch to the one that serves', async () => {
  const { parts, driver } = playedRuntime();
  await toPromise(createActor(prepareNext(parts), { input }).start());
  expect([driver.prepared.length, driver.reconciled, driver.started.length]).toEqual([1, 0, 0]);
});

test('a next Runtime that failed for good a short while ago is not prepared', async () => {
  const { parts, judge, driver } = playedRuntime();
  await judge.record(SPEC_HASH, {
    code: 'ENGINE_START_INVALID',
    message: 'an unknown flag',
    retryable: false,
    advice: 'Leave it out.',
  });
  await expect(toPromise(createActor(prepareNext(parts), { input }).start())).rejects.toMatchObject({
    code: 'SPEC_QUARANTINED',
    retryable: false,
    message: 'this configuration failed before: an unknown flag',
    advice: 'Leave it out.',
  });
  expect(driver.prepared).toEqual([]);
});

test('what keeps the next Runtime from being prepared is logged with what to do', async () => {
  const { parts, driver, lines } = playedRuntime();
  driver.lacks.push(
    new RuntimeStartError('no vllm', { advice: 'Install vLLM.', details: { reason: 'exited' } }),
  );
  await expect(toPromise(createActor(prepareNext(parts), { input }).start())).rejects.toThrow('no vllm');
  expect(lines).toMatchObject([{ event: 'runtime.next_unprepared', advice: 'Install vLLM.' }]);
});

test('a start whose last words are known says what they mean, and whether another is of use', async () => {
  const { started, driver } = playedRuntime({
    explain: (words) =>
      words.includes('unrecognized arguments') ? { retryable: false, advice: 'Update vLLM.' } : undefined,
  });
  const exited = (tail: string) =>
    new RuntimeStartError('it ended at once', { details: { reason: 'exited', tail } });
  driver.refusals.push(exited('vllm: error: unrecognized arguments: --x'), exited('Killed'));
  await expect(started()).rejects.toMatchObject({
    code: 'RUNTIME_EXITED',
    retryable: false,
    advice: 'Update vLLM.',
  });
  await expect(started()).rejects.toMatchObject({ code: 'RUNTIME_START', retryable: true });
});

test('a Runtime that ran already is told as adopted, not as started', async () => {
  const { started, driver, events } = playedRuntime();
  const { start } = driver;
  driver.start = async (...all) => ({ ...(await start.apply(driver, all)), adopted: true });
  await started();
  expect(events()).toEqual(['runtime.adopted']);
});

test('jobs in a Runtime that is stopped end typed before the engine is gone', async () => {
  const { parts, engine, driver, control, started } = playedRuntime();
  await started();
  let fail: (error: Error) => void = () => undefined;
  engine.job = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const { watched } = control;
  if (watched === undefined) throw new Error('nothing was started');
  watched.client.close = async () => fail(new RuntimeCrashedError('closed'));
  let isStopped = false;
  driver.stop = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isStopped = true;
  };
  const { signal } = new AbortController();
  const job = control.client?.stream('completions', {}, () => undefined, signal);
  const ended = job?.catch((error: unknown) => ({ error, isStopped }));
  await toPromise(createActor(stopRuntime(parts)).start());
  expect(await ended).toMatchObject({ error: { code: 'RUNTIME_CRASHED' }, isStopped: false });
});
