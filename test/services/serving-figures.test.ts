import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createServingFigures, type EndedAttempt } from '../../src/services/serving-figures.js';

const attempt = (change: Partial<EndedAttempt> = {}): EndedAttempt => ({
  outcome: 'completed',
  prompt_tokens: 7,
  completion_tokens: 3,
  chunk_count: 5,
  queue_ms: 1,
  first_token_ms: 20,
  total_ms: 50,
  isStream: true,
  ...change,
});

test('counts attempts by how they ended, offers by why they were declined, results by their verdict', () => {
  const figures = createServingFigures();
  figures.noteAccepted();
  figures.noteAccepted();
  figures.noteEnded(attempt());
  figures.noteEnded(attempt({ outcome: 'runtime_crashed', prompt_tokens: 0, completion_tokens: 0 }));
  figures.noteDeclined('busy');
  figures.noteVerdict('superseded');
  figures.noteExpired();
  expect(figures).toMatchObject({
    accepted: 2,
    ended: { completed: 1, runtime_crashed: 1, cancelled: 0 },
    declined: { busy: 1, paused: 0 },
    verdicts: { superseded: 1, accepted: 0 },
    expired: 1,
    promptTokens: 7,
    outputTokens: 3,
  });
});

test('counts output as it comes, and is right by the engine’s count once an attempt has ended', () => {
  const figures = createServingFigures();
  for (let chunk = 0; chunk < 5; chunk++) figures.noteChunk();
  expect(figures.generatedTokens).toBe(5);
  // Two chunks held no token: the next attempt's first two are not counted.
  figures.noteEnded(attempt({ completion_tokens: 3, chunk_count: 5 }));
  for (let chunk = 0; chunk < 4; chunk++) figures.noteChunk();
  figures.noteEnded(attempt({ completion_tokens: 4, chunk_count: 4 }));
  expect(figures.generatedTokens).toBe(7);
  // Chunks of several tokens, and a plain answer.
  figures.noteChunk();
  figures.noteEnded(attempt({ completion_tokens: 10, chunk_count: 1 }));
  figures.noteEnded(attempt({ completion_tokens: 100, chunk_count: 1, isStream: false }));
  expect(figures.generatedTokens).toBe(117);
  expect(figures.outputTokens).toBe(117);
});

test('keeps what a cancelled attempt had generated, though the engine never counted it', () => {
  const figures = createServingFigures();
  for (let chunk = 0; chunk < 6; chunk++) figures.noteChunk();
  figures.noteEnded(
    attempt({ outcome: 'cancelled', prompt_tokens: 0, completion_tokens: 0, chunk_count: 6 }),
  );
  expect(figures.generatedTokens).toBe(6);
  expect(figures.outputTokens).toBe(0);
});

test('never counts backwards, and ends within the chunks still owed of the engine’s sum', () => {
  const work = fc.array(
    fc.record({ chunks: fc.integer({ min: 1, max: 30 }), tokens: fc.integer({ min: 1, max: 30 }) }),
  );
  fc.assert(
    fc.property(work, (attempts) => {
      const figures = createServingFigures();
      let before = 0;
      const look = (): void => {
        expect(figures.generatedTokens).toBeGreaterThanOrEqual(before);
        before = figures.generatedTokens;
      };
      for (const { chunks, tokens } of attempts) {
        for (let chunk = 0; chunk < chunks; chunk++) {
          figures.noteChunk();
          look();
        }
        figures.noteEnded(attempt({ completion_tokens: tokens, chunk_count: chunks }));
        look();
      }
      // One more whose tokens are so many that nothing is owed any more.
      figures.noteEnded(attempt({ completion_tokens: 1_000, chunk_count: 1, isStream: false }));
      expect(figures.generatedTokens).toBe(figures.outputTokens);
    }),
  );
});

test('tells listeners of each first token and each end until they leave', () => {
  const figures = createServingFigures();
  const heard: unknown[] = [];
  const leave = figures.follow({
    firstToken: (ms) => heard.push(ms),
    ended: ({ outcome }) => heard.push(outcome),
  });
  const deaf = figures.follow({});
  figures.noteFirstToken(20);
  figures.noteEnded(attempt());
  leave();
  figures.noteFirstToken(30);
  deaf();
  expect(heard).toEqual([20, 'completed']);
});
