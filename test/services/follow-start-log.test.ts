// How long an engine that is starting may be without a word, on a clock the test moves.
import { expect, test } from 'vitest';
import { followStartLog, STALLED_AFTER_MS } from '../../src/services/follow-start-log.js';
import type { Explain } from '../../src/services/runtime-failures.js';

const followed = (explain: Explain = () => undefined) => {
  const world = { ms: 0, words: '', looks: 0 };
  const tail = async (): Promise<string> => {
    world.looks += 1;
    return world.words;
  };
  const look = followStartLog({ driver: { tail }, monotonicMs: () => world.ms, explain });
  /** Looks as often as warming does, coarsely. */
  const after = async (ms: number): Promise<void> => {
    for (const end = world.ms + ms; world.ms < end; ) {
      world.ms += Math.min(1_000, end - world.ms);
      await look();
    }
  };
  return { world, after };
};

const WORDS = 'loading\nLoading shards: 3/9\n';

test('an engine that writes is waited for, however long it takes', async () => {
  const { world, after } = followed();
  for (let shard = 0; shard < 9; shard++) {
    world.words = `Loading shards: ${shard}/9`;
    await expect(after(STALLED_AFTER_MS - 5_000)).resolves.toBeUndefined();
  }
});

test('one whose log stands still for five minutes is not, and its last line says where', async () => {
  const { world, after } = followed();
  world.words = WORDS;
  await after(STALLED_AFTER_MS);
  await expect(after(5_000)).rejects.toMatchObject({
    code: 'RUNTIME_START_STALLED',
    retryable: true,
    message: 'not ready, and no word in its log for 5 minutes: Loading shards: 3/9',
    advice: expect.stringContaining('last line'),
    details: { lastLine: 'Loading shards: 3/9', silentMs: STALLED_AFTER_MS },
  });
});

test('what its words are known to mean is the advice', async () => {
  const { world, after } = followed((words) =>
    words === WORDS ? { retryable: true, advice: 'Wait for the GPU.' } : undefined,
  );
  world.words = WORDS;
  await expect(after(2 * STALLED_AFTER_MS)).rejects.toMatchObject({ advice: 'Wait for the GPU.' });
});

test('a line of any length is told in short', async () => {
  const { world, after } = followed();
  world.words = 'x'.repeat(4_096);
  await expect(after(2 * STALLED_AFTER_MS)).rejects.toMatchObject({ details: { lastLine: 'x'.repeat(500) } });
});

test('where nobody keeps its log, or the log is lost, silence says nothing', async () => {
  const { world, after } = followed();
  await expect(after(2 * STALLED_AFTER_MS)).resolves.toBeUndefined();
  world.words = WORDS;
  await after(60_000);
  world.words = '';
  await expect(after(2 * STALLED_AFTER_MS)).resolves.toBeUndefined();
});

test('the log is looked at every five seconds and no more often', async () => {
  const { world, after } = followed();
  await after(60_000);
  expect(world.looks).toBe(12);
});
