// The same offer again, at every point of an attempt's life: answered from memory, and never run twice.
import { afterEach, expect, test } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import type { Attempt } from '../../src/machines/job/job-events.js';
import { attemptOf, type SupervisedOptions, superviseForTest, turn } from './supervised-jobs.js';

type Supervised = ReturnType<typeof superviseForTest>;
let rig: Supervised;
let runs: Attempt[];
let finish: () => void;
afterEach(() => rig.stop());

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await turn();
};

/** An engine that answers when told to. */
const begin = (options: Partial<SupervisedOptions> = {}): void => {
  runs = [];
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  rig = superviseForTest({
    atOnce: 8,
    answer: (attempt) => {
      runs.push(attempt);
      return finished;
    },
    ...options,
  });
};

/** What the node said of jobs in this session, in short. */
const said = () =>
  rig.said().flatMap(({ type, body }) => {
    if (type === 'job.accept') return ['accept'];
    if (type === 'job.decline') return [`decline ${body.code}`];
    return type === 'result' ? ['result'] : [];
  });

test('while it is validated: one answer, one run, of what was offered first', async () => {
  let pass = (): void => undefined;
  const checked = new Promise<null>((resolve) => {
    pass = () => resolve(null);
  });
  begin({ validate: () => checked });
  rig.connect();
  rig.offer(1);
  rig.offer(1, { request: { model: 'tiny', messages: [{ role: 'user', content: 'another question' }] } });
  pass();
  await settle();
  expect([said(), runs]).toEqual([['accept'], [expect.objectContaining(attemptOf(1))]]);
  expect(rig.journal.find(attemptOf(1))?.offer.request).toEqual({
    model: 'tiny',
    messages: [{ role: 'user', content: 'question 1' }],
  });
});

test('while it is recorded: one answer, one run', async () => {
  begin();
  rig.connect();
  rig.offer(1);
  await Promise.resolve();
  rig.offer(1);
  await settle();
  expect([said(), runs.length]).toEqual([['accept'], 1]);
});

test('while it runs: accepted again, and not run again', async () => {
  begin();
  rig.connect();
  rig.offer(1);
  await settle();
  rig.offer(1);
  await settle();
  finish();
  await settle();
  expect([said(), runs.length]).toEqual([['accept', 'accept', 'result'], 1]);
});

test('when its result is sent and not acknowledged: nothing is said twice in one session', async () => {
  begin();
  rig.connect();
  rig.offer(1);
  finish();
  await settle();
  rig.offer(1);
  await settle();
  expect([said(), runs.length]).toEqual([['accept', 'result'], 1]);
});

test('when its result waits in the outbox: the result is the answer', async () => {
  begin();
  rig.offer(1);
  finish();
  await settle();
  rig.connect();
  rig.offer(1);
  await settle();
  expect([said(), runs.length]).toEqual([['result'], 1]);
});

test('when its result is acknowledged: declined as a duplicate', async () => {
  begin();
  rig.connect();
  rig.offer(1);
  finish();
  await settle();
  rig.acknowledge(attemptOf(1));
  await settle();
  rig.offer(1);
  await settle();
  expect([said(), runs.length]).toEqual([['accept', 'result', 'decline duplicate'], 1]);
});

test('by a new process, when the one before had accepted it: its interrupted result is the answer', async () => {
  const journal = createMemoryJournal();
  begin({ journal });
  rig.connect();
  rig.offer(1);
  await settle();
  rig.stop();
  begin({ journal });
  rig.connect();
  rig.offer(1);
  await settle();
  expect(runs).toEqual([]);
  expect(said().at(-1)).toBe('result');
  expect(journal.find(attemptOf(1))?.receipt).toMatchObject({ outcome: 'interrupted' });
});

test('when its result was given up: declined as a duplicate', async () => {
  begin();
  rig.offer(1);
  finish();
  await settle();
  rig.board.find(attemptOf(1))?.send({ type: 'outbox.expired' });
  await settle();
  rig.connect();
  rig.offer(1);
  await settle();
  expect([said(), runs.length]).toEqual([['decline duplicate'], 1]);
});

test('a next attempt of the same job is another attempt', async () => {
  begin();
  rig.connect();
  rig.offer(1);
  await settle();
  rig.offer(1, { attempt: 2 });
  await settle();
  expect([said(), runs.map(({ attempt }) => attempt)]).toEqual([
    ['accept', 'accept'],
    [1, 2],
  ]);
});
