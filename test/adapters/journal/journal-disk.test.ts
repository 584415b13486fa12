// When a disk has too little left for work, and for a commit.
import { expect, test } from 'vitest';
import { diskTrouble, fits, reserveBytes } from '../../../src/adapters/journal/journal-disk.js';
import { JournalError } from '../../../src/adapters/journal/journal-errors.js';
import type { JournalStore } from '../../../src/adapters/journal/journal-store.js';
import { StoredJournal } from '../../../src/adapters/journal/stored-journal.js';
import { acceptedRecord, attempt, executionOf, outputOf } from './job-fixtures.js';

const MIB = 1024 * 1024;
const space = (freeBytes: number, totalBytes: number) => ({ freeBytes, totalBytes });

test('keeps an eighth of a small disk for results, and 64 MiB of a large one', () => {
  expect([4 * MIB, 1e12].map((total) => reserveBytes(space(0, total)))).toEqual([MIB / 2, 64 * MIB]);
  expect(diskTrouble(space(MIB / 2, 4 * MIB))).toBeUndefined();
  expect(diskTrouble(space(MIB / 2 - 1, 4 * MIB))).toMatchObject({
    code: 'JOURNAL_DISK_FULL',
    retryable: true,
    advice: expect.stringContaining('Free space'),
  });
  expect(diskTrouble(undefined)).toBeUndefined();
});

test.each([
  ['a commit with room for its pages', { changes: 4, added: 1_000, taken: () => 0 }, MIB, true],
  ['one without', { changes: 4, added: 1_000, taken: () => 0 }, MIB / 8, false],
  ['one that takes away more than it adds', { changes: 4, added: 1_000, taken: () => 2_000 }, MIB / 8, true],
  ['the same on a disk without a page', { changes: 4, added: 1_000, taken: () => 2_000 }, 4096, false],
  ['one with more changes than pages', { changes: 400, added: 0, taken: () => 9 }, MIB, false],
])('judges %s', (_, size, free, expected) => {
  expect(fits(size, space(free, 1e9))).toBe(expected);
});

/** A store in memory on a disk of 8 MiB that the test fills. */
const rig = () => {
  const rows = new Map<string, Uint8Array>();
  const disk = { freeBytes: 8 * MIB, isBroken: false };
  const store: JournalStore = {
    get: (table, key) => rows.get(`${table}/${key}`),
    keys: () => [],
    count: () => 0,
    bytes: () => 0,
    space: () => space(disk.freeBytes, 8 * MIB),
    commit: async (changes) => {
      if (disk.isBroken) throw new JournalError('EROFS');
      for (const { table, key, value } of changes) {
        if (value === undefined) rows.delete(`${table}/${key}`);
        else rows.set(`${table}/${key}`, value);
      }
    },
    close: async () => {},
  };
  return { disk, journal: new StoredJournal(store) };
};

test('takes no attempt on a disk that is nearly full, finishes those in hand, and takes them again', async () => {
  const { disk, journal } = rig();
  await journal.accept(acceptedRecord(1));
  disk.freeBytes = MIB / 2;
  expect([journal.hasRoom, journal.trouble?.code]).toEqual([false, 'JOURNAL_DISK_FULL']);
  await expect(journal.accept(acceptedRecord(2))).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
  await journal.finish(attempt(1), executionOf(1), outputOf(1));
  disk.freeBytes = 2 * MIB;
  expect([journal.hasRoom, journal.trouble]).toEqual([true, null]);
  await journal.accept(acceptedRecord(2));
});

test('is in trouble from a failed write until one succeeds, and finds out by itself', async () => {
  const { disk, journal } = rig();
  await journal.probe();
  expect(journal.trouble).toBeNull();
  disk.isBroken = true;
  await expect(journal.accept(acceptedRecord(1))).rejects.toThrow();
  await journal.probe();
  expect(journal.hasRoom).toBe(false);
  disk.isBroken = false;
  await journal.probe();
  expect([journal.hasRoom, journal.trouble]).toEqual([true, null]);
});
