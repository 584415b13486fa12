// A journal that would grow for ever: what it lets go of, in which order, and what it never does. On disk and in memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobJournal } from '../../../src/adapters/journal/job-journal.js';
import type { JournalBounds } from '../../../src/adapters/journal/journal-bounds.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { createMemoryJournal } from '../../../src/adapters/journal/memory-journal.js';
import type { JournalOptions } from '../../../src/adapters/journal/stored-journal.js';
import {
  acceptedRecord,
  attempt,
  DAY_MS,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from './job-fixtures.js';

const KIB = 1024;
const WIDE: JournalBounds = { maxResults: 1_000, maxRemembered: 1_000, maxBytes: 1_000_000 * KIB };

let dir: string;
let journal: JobJournal;
let forgotten: number[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-bounds-'));
  forgotten = [];
});
afterEach(async () => {
  await journal.close();
  await rm(dir, { recursive: true });
});

const kinds: readonly [string, (options: JournalOptions) => Promise<JobJournal>][] = [
  ['on disk', (options) => openJobJournal(dir, options)],
  ['in memory', async (options) => createMemoryJournal(options)],
];

const finish = async (number: number, output = outputOf(number)): Promise<void> => {
  await journal.accept(acceptedRecord(number));
  await journal.finish(attempt(number), executionOf(number), output);
};
const conclude = async (number: number): Promise<void> => {
  await finish(number);
  await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
  await journal.acknowledge(attempt(number), 'accepted', START_MS + number);
};
/** A range of attempts, so many together. */
const concludeAll = async (last: number, together: number): Promise<void> => {
  for (let first = 1; first <= last; first += together) {
    await Promise.all(Array.from({ length: together }, (_, index) => conclude(first + index)));
  }
};
const large = (bytes: number) => ({ body: 'x'.repeat(bytes), chunks: null });
const FULL = { code: 'JOURNAL_FULL', retryable: true, advice: expect.any(String) };

describe.each(kinds)('a journal %s', (_kind, open) => {
  const begin = async (bounds: Partial<JournalBounds>): Promise<void> => {
    const onForgotten = (attempts: number): void => void forgotten.push(attempts);
    journal = await open({ bounds: { ...WIDE, ...bounds }, onForgotten });
  };

  test('takes no attempt while as many results wait as it may keep, and takes one when a result is acknowledged', async () => {
    await begin({ maxResults: 3 });
    for (const number of [1, 2, 3]) await finish(number);
    expect([journal.hasRoom, journal.usage().results]).toEqual([false, 3]);
    await expect(journal.accept(acceptedRecord(4))).rejects.toMatchObject({
      ...FULL,
      details: { results: 3, maxResults: 3 },
    });
    expect(journal.find(attempt(4))).toBeUndefined();

    await journal.receipt(attempt(2), receiptOf(2), digestOfReceipt);
    await journal.acknowledge(attempt(2), 'accepted', START_MS);
    expect(journal.hasRoom).toBe(true);
    await journal.accept(acceptedRecord(4));
  });

  test('always takes the result of an attempt it accepted', async () => {
    await begin({ maxResults: 2, maxBytes: 200 * KIB });
    for (const number of [1, 2, 3, 4]) await journal.accept(acceptedRecord(number));
    for (const number of [1, 2, 3, 4]) {
      await journal.finish(attempt(number), executionOf(number), large(100 * KIB));
    }
    for (const number of [1, 2, 3, 4]) {
      await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
      expect(journal.output(attempt(number))).toEqual(large(100 * KIB));
    }
    await expect(journal.accept(acceptedRecord(5))).rejects.toMatchObject(FULL);
    expect(journal.counts()).toEqual({ accepted: 0, outbox: 4 });
  });

  test('forgets acknowledged attempts, oldest first, once there are too many', async () => {
    await begin({ maxRemembered: 300 });
    await concludeAll(360, 10);
    const { remembered } = journal.usage();
    expect(remembered).toBeLessThanOrEqual(340);
    expect(360 - remembered).toBe(forgotten.reduce((sum, attempts) => sum + attempts, 0));
    expect(forgotten.length).toBeGreaterThan(0);
    expect(journal.find(attempt(360 - remembered))).toBeUndefined();
    expect(journal.find(attempt(360 - remembered + 1))?.state).toBe('acknowledged');
  });

  test('forgets acknowledged attempts for want of bytes, and only then refuses an attempt', async () => {
    await begin({ maxBytes: 400 * KIB });
    await concludeAll(40, 10);
    expect(forgotten).toEqual([]);
    await journal.accept(acceptedRecord(100));
    for (let number = 101; number <= 103; number++) await finish(number, large(150 * KIB));
    await expect(journal.accept(acceptedRecord(104))).rejects.toMatchObject({
      ...FULL,
      details: { results: 3, maxBytes: 400 * KIB },
    });
    expect(forgotten).toEqual([40]);
    // Owed, and so kept: one that runs and three whose results wait.
    expect(journal.pending().map(({ offer, state }) => [offer.job, state])).toEqual([
      [attempt(100).job, 'accepted'],
      ...[101, 102, 103].map((number) => [attempt(number).job, 'finished']),
    ]);
    for (const number of [101, 102, 103]) expect(journal.output(attempt(number))).toEqual(large(150 * KIB));
  });

  test('has room again when results expire', async () => {
    await begin({ maxResults: 2 });
    for (const number of [1, 2]) await finish(number);
    expect(journal.hasRoom).toBe(false);
    expect(await journal.prune(START_MS + DAY_MS - 1)).toEqual([]);
    expect(journal.hasRoom).toBe(false);
    expect(await journal.prune(START_MS + DAY_MS + 2)).toHaveLength(2);
    expect(journal.hasRoom).toBe(true);
    await journal.accept(acceptedRecord(3));
  });

  test('forgets a day of many attempts in many small commits', async () => {
    await begin({});
    await concludeAll(600, 100);
    await journal.prune(START_MS + DAY_MS + 601);
    expect([journal.usage().remembered, journal.recent(1)]).toEqual([0, []]);
  });

  test('makes room once for many attempts that arrive together', async () => {
    await begin({ maxRemembered: 16 });
    for (let number = 1; number <= 16; number++) await conclude(number);
    await Promise.all(Array.from({ length: 20 }, (_, index) => journal.accept(acceptedRecord(100 + index))));
    await Promise.all(Array.from({ length: 20 }, (_, index) => journal.accept(acceptedRecord(200 + index))));
    expect(journal.counts().accepted).toBe(40);
    expect(forgotten.length).toBeLessThanOrEqual(1);
  });
});

test('measures what lies on disk, whatever process wrote it, and gives pages back', async () => {
  journal = await openJobJournal(dir);
  const empty = journal.usage();
  expect(empty).toEqual({ results: 0, remembered: 0, bytes: 0 });
  await finish(1, large(500 * KIB));
  await conclude(2);
  const filled = journal.usage();
  expect(filled).toMatchObject({ results: 1, remembered: 1 });
  expect(filled.bytes).toBeGreaterThan(500 * KIB);
  expect(filled.bytes).toBeLessThan(560 * KIB);
  await journal.close();
  journal = await openJobJournal(dir);
  expect(journal.usage()).toEqual(filled);
  await journal.receipt(attempt(1), receiptOf(1), digestOfReceipt);
  await journal.acknowledge(attempt(1), 'accepted', START_MS);
  expect(journal.usage().bytes).toBeLessThan(60 * KIB);
});
