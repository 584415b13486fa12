// What the network hears of an offer, and when: the accept leaves once the journal has it on disk, and not at all if not.
import { expect, test } from 'vitest';
import type { JobJournal } from '../../src/adapters/journal/job-journal.js';
import { JournalError } from '../../src/adapters/journal/journal-errors.js';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import { attemptOf, superviseForTest, turn } from './supervised-jobs.js';

/** A journal whose disk takes its time, and then does what the test says. */
const slowDisk = () => {
  const journal = createMemoryJournal();
  let answer: (failure?: Error) => void = () => undefined;
  const disk = new Promise<void>((resolve, reject) => {
    answer = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  const accept: JobJournal['accept'] = async (record) => {
    await disk;
    return journal.accept(record);
  };
  const slow = new Proxy(journal, {
    get: (target, name) => {
      if (name === 'accept') return accept;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { slow, answer: (failure?: Error) => answer(failure) };
};

const answers = (supervised: ReturnType<typeof superviseForTest>): readonly string[] =>
  supervised
    .said()
    .map(({ type }) => type)
    .filter((type) => type.startsWith('job.'));

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await turn();
};

test('accepts an offer once the journal has it, not before', async () => {
  const { slow, answer } = slowDisk();
  const supervised = superviseForTest({ atOnce: 2, journal: slow });
  supervised.connect();
  supervised.offer(1);
  await settle();
  expect(answers(supervised)).toEqual([]);
  answer();
  await settle();
  expect(answers(supervised)).toEqual(['job.accept']);
  expect(supervised.journal.find(attemptOf(1))).toBeDefined();
  supervised.stop();
});

test('does not accept an offer the disk refuses', async () => {
  const { slow, answer } = slowDisk();
  const supervised = superviseForTest({ atOnce: 2, journal: slow });
  supervised.connect();
  supervised.offer(1);
  answer(new JournalError('no space left on device'));
  await settle();
  expect(answers(supervised)).toEqual(['job.decline']);
  expect(supervised.figures).toMatchObject({ accepted: 0, declined: { journal_failed: 1 } });
  supervised.stop();
});
