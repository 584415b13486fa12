// Busy or hung: what the watch concludes from silence, a counter of tokens and a canary, on a clock the test moves.
import { expect, test } from 'vitest';
import type { EngineAnswer, EngineClient } from '../../src/adapters/engine/engine-client.js';
import { RuntimeCrashedError } from '../../src/adapters/engine/engine-errors.js';
import { createEngineProgress, followProgress } from '../../src/services/engine-progress.js';
import { suspectSilence } from '../../src/services/suspect-silence.js';

const ANSWER: EngineAnswer = { body: '{}', usage: undefined, finishReason: 'stop' };
const never = new AbortController().signal;
const CANARY = { endpoint: 'completions', request: { model: 'm', prompt: 'ping' } } as const;

/** An engine whose counter, canary and jobs the test decides. */
const world = (tokensOut: number | null = 0) => {
  const clock = { ms: 0 };
  const engine = { tokensOut, canary: async (): Promise<EngineAnswer> => ANSWER };
  const jobs: { resolve(): void; reject(error: Error): void; chunk(): void }[] = [];
  const client: EngineClient = {
    health: async () => undefined,
    models: async () => [],
    version: async () => undefined,
    load: async () => ({ running: null, waiting: null, kvUse: null, tokensOut: engine.tokensOut }),
    complete: (_endpoint, request) =>
      request === CANARY.request
        ? engine.canary()
        : new Promise((resolve, reject) => {
            jobs.push({ resolve: () => resolve(ANSWER), reject, chunk: () => undefined });
          }),
    stream: (_endpoint, _request, onChunk) =>
      new Promise((resolve, reject) => {
        jobs.push({
          resolve: () => resolve({ usage: undefined, finishReason: 'stop' }),
          reject,
          chunk: () => void onChunk('{}', {} as Parameters<typeof onChunk>[1]),
        });
      }),
    close: async () => undefined,
  };
  const progress = createEngineProgress(() => clock.ms);
  const counted = followProgress(client, progress);
  const watch = suspectSilence({ progress, client, canary: CANARY, silenceMs: 100, answerMs: 1_000 });
  const doubts: number[] = [];
  const look = () => watch.look(() => doubts.push(clock.ms), never);
  /** Looks every ten milliseconds of the clock until something is found. */
  const wait = async (ms: number): Promise<string> => {
    for (const end = clock.ms + ms; clock.ms < end; ) {
      clock.ms += 10;
      const found = await look();
      if (found !== 'well') return found;
    }
    return 'well';
  };
  return { clock, engine, jobs, progress, counted, doubts, look, wait };
};

const fails = async (): Promise<never> => {
  throw new Error('no answer');
};

test('an idle engine is well however long it is silent', async () => {
  const { wait, doubts } = world();
  expect(await wait(1_000)).toBe('well');
  expect(doubts).toEqual([]);
});

test('a silent job, a counter that stands still and no answer to the canary: hung', async () => {
  const { engine, counted, wait, doubts } = world();
  engine.canary = fails;
  void counted.stream('completions', {}, () => undefined, never).catch(() => undefined);
  expect(await wait(1_000)).toBe('hung');
  expect(doubts).toEqual([100]);
});

test('an engine that answers the canary is busy, and has the whole silence again', async () => {
  const { counted, clock, wait, look } = world();
  void counted.stream('completions', {}, () => undefined, never).catch(() => undefined);
  expect(await wait(1_000)).toBe('busy');
  expect(clock.ms).toBe(100);
  clock.ms += 40;
  expect(await look()).toBe('well');
});

test('tokens of a single job speak for all of them', async () => {
  const { engine, jobs, counted, clock, look } = world();
  engine.canary = fails;
  for (const _ of [1, 2]) void counted.stream('completions', {}, () => undefined, never);
  for (let step = 0; step < 20; step++) {
    clock.ms += 40;
    jobs[0]?.chunk();
    expect(await look()).toBe('well');
  }
});

test('whole answers grow unseen: a counter that rises is progress, whatever the canary says', async () => {
  const { engine, counted, clock, look } = world(7);
  engine.canary = fails;
  void counted.complete('completions', {}, never);
  const found = new Set<string>();
  for (let step = 0; step < 50; step++) {
    clock.ms += 30;
    if (engine.tokensOut !== null) engine.tokensOut++;
    found.add(await look());
  }
  expect([...found].sort()).toEqual(['busy', 'well']);
});

test('an engine that keeps no counter is never called hung', async () => {
  const { engine, counted, wait } = world(null);
  engine.canary = fails;
  void counted.complete('completions', {}, never);
  expect(await wait(1_000)).toBe('well');
});

test('a canary in a queue: a token that comes meanwhile clears the engine', async () => {
  const { engine, jobs, counted, wait } = world();
  engine.canary = async () => {
    jobs[0]?.chunk();
    return await fails();
  };
  void counted.stream('completions', {}, () => undefined, never);
  expect(await wait(1_000)).toBe('busy');
});

test.each([
  ['of a condemned engine end as stalled', 'RUNTIME_STALLED', 'condemn'],
  ['of one that is killed for memory a moment later end as that', 'RUNTIME_OOM', 'starve'],
  ['of a crashed one as crashed', 'RUNTIME_CRASHED', undefined],
] as const)('jobs %s', async (_, code, verdict) => {
  const { jobs, progress, counted } = world();
  const job = counted.complete('completions', {}, never);
  jobs[0]?.reject(new RuntimeCrashedError('closed'));
  await Promise.resolve();
  if (verdict !== undefined) progress[verdict]();
  await expect(job).rejects.toMatchObject({ code });
  expect(progress.inFlight).toBe(0);
});

test('a kill long ago explains nothing', async () => {
  const { jobs, progress, counted, clock } = world();
  progress.starve();
  clock.ms += 10_000;
  const job = counted.complete('completions', {}, never);
  jobs[0]?.reject(new RuntimeCrashedError('closed'));
  await expect(job).rejects.toMatchObject({ code: 'RUNTIME_CRASHED' });
});
