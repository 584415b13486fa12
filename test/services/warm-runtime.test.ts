// What an engine has to show before it counts as ready, and how each failure to show it is called.
import { expect, test, vi } from 'vitest';
import { RuntimeCrashedError, RuntimeRejectedError } from '../../src/adapters/engine/engine-errors.js';
import { STALLED_AFTER_MS } from '../../src/services/follow-start-log.js';
import { playedRuntime, SPEC_HASH, TOKEN } from './runtime-rig.js';

test('an engine is ready once it is healthy, has the models and answers a test request', async () => {
  const { engine, control, started, warmed } = playedRuntime();
  engine.health = undefined;
  await started();
  let isReady = false;
  const ready = warmed().then(() => {
    isReady = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([isReady, engine.tests]).toEqual([false, 0]);
  engine.health = 200;
  await ready;
  expect([control.isWarm, engine.tests]).toEqual([true, 1]);
});

test('a server that talks of a dead engine is not waited for; one that is loading is', async () => {
  const { engine, started, warmed } = playedRuntime();
  engine.health = 503;
  await started();
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_DEAD', retryable: true });

  const loading = playedRuntime({ isLoading: (status) => status === 503 });
  loading.engine.health = 503;
  await loading.started();
  const ready = loading.warmed();
  await new Promise((resolve) => setImmediate(resolve));
  loading.engine.health = 200;
  await ready;
  expect(loading.control.isWarm).toBe(true);
});

test('an engine that is not healthy and writes nothing any more is given up', async () => {
  const { engine, driver, clock, started, warmed } = playedRuntime();
  engine.health = undefined;
  await started();
  driver.words = 'Loading shards: 3/9';
  const ready = expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_START_STALLED' });
  await vi.waitUntil(() => driver.looks > 0);
  clock.ms += STALLED_AFTER_MS;
  await ready;
});

test('an engine that serves other models will do so again', async () => {
  const { engine, started, warmed } = playedRuntime();
  engine.models = ['other'];
  await started();
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_MISMATCH', retryable: false });
});

test.each([
  ['no token', { ...TOKEN, usage: { promptTokens: 1, completionTokens: 0 } }],
  ['no end', { ...TOKEN, finishReason: undefined }],
  ['no text, where nobody counts', { ...TOKEN, usage: undefined, body: '{"choices":[{"text":""}]}' }],
])('an answer with %s is a wrong one', async (_, answer) => {
  const { engine, control, started, warmed } = playedRuntime();
  engine.test = async () => answer;
  await started();
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_WRONG_OUTPUT', retryable: true });
  expect(control.isWarm).toBe(false);
});

test.each([
  ['nothing', '{"data":[]}'],
  ['what is no number', '{"data":[{"embedding":[0.5,null]}]}'],
  ['nothing but zeros', '{"data":[{"embedding":[0,0]}]}'],
])('an embedding of %s is a wrong answer', async (_, body) => {
  const request = { model: 'one', prompt: 'ping' };
  const { control, started, warmed } = playedRuntime({ canary: () => ({ endpoint: 'embeddings', request }) });
  await started();
  if (control.watched === undefined) throw new Error('nothing was started');
  control.watched.client.complete = async () => ({ body, usage: undefined, finishReason: undefined });
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_WRONG_OUTPUT' });
  control.watched.client.complete = async () => ({
    body: '{"data":[{"embedding":[0.5,-0.25]}]}',
    usage: undefined,
    finishReason: undefined,
  });
  await warmed();
});

test('an engine that refuses the smallest request will not do; one that is full only has to be asked again', async () => {
  const { engine, started, warmed } = playedRuntime();
  engine.test = async () => {
    throw new RuntimeRejectedError('no chat template', { details: { status: 400 } });
  };
  await started();
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_TEST_REFUSED', retryable: false });

  engine.test = async () => {
    if (engine.tests < 6) throw new RuntimeRejectedError('full', { details: { status: 429 } });
    return TOKEN;
  };
  await warmed();
  expect(engine.tests).toBe(6);
});

test('an engine that breaks off three times over the test request has failed', async () => {
  const { engine, started, warmed } = playedRuntime();
  engine.test = async () => {
    throw new RuntimeCrashedError('the connection broke');
  };
  await started();
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_CRASHED' });
  expect(engine.tests).toBe(3);
});

test('what has proved itself is kept for the next Agent, what has not is not', async () => {
  const { engine, proven, started, warmed } = playedRuntime();
  await started();
  engine.test = async () => ({ ...TOKEN, finishReason: undefined });
  await expect(warmed()).rejects.toMatchObject({ code: 'RUNTIME_WRONG_OUTPUT' });
  expect(proven).toEqual([]);
  engine.test = async () => TOKEN;
  await warmed();
  expect(proven).toEqual([SPEC_HASH]);
});

test('an engine that knows no test request is ready without one', async () => {
  const { control, started, warmed } = playedRuntime({ canary: () => undefined });
  await started();
  await warmed();
  expect(control.isWarm).toBe(true);
});
