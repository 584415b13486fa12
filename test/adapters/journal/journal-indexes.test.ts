// Indexes that a disk has changed follow the records again after the next start.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobJournal } from '../../../src/adapters/journal/job-journal.js';
import { timeKey } from '../../../src/adapters/journal/journal-indexes.js';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from './job-fixtures.js';

let dir: string;
let journal: JobJournal | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-indexes-'));
  const first = await openJobJournal(dir);
  for (const number of [1, 2, 3]) await first.accept(acceptedRecord(number));
  for (const number of [2, 3]) await first.finish(attempt(number), executionOf(number), outputOf(number));
  await first.receipt(attempt(3), receiptOf(3), digestOfReceipt);
  await first.acknowledge(attempt(3), 'accepted', START_MS + 100);
  await first.close();
});
afterEach(async () => {
  await journal?.close();
  journal = undefined;
  await rm(dir, { recursive: true });
});

const behindItsBack = async (
  change: (table: (name: string) => Database<Buffer, string>) => Promise<unknown>,
) => {
  const root = open({ path: dir, overlappingSync: false });
  await change((name) => root.openDB<Buffer, string>({ name, encoding: 'binary' }));
  await root.close();
};
const key = (number: number): string => `${attempt(number).job}:1`;
const indexKey = (number: number): string => timeKey(START_MS + number, key(number));

/** @returns what was reported at opening */
const reopen = async (): Promise<readonly CorruptEntry[]> => {
  const found: CorruptEntry[] = [];
  journal = await openJobJournal(dir, { onCorrupt: (entry) => found.push(entry) });
  return found;
};
const expectWhole = (): void => {
  expect(journal?.pending().map(({ offer, state }) => [offer.job, state])).toEqual([
    [attempt(1).job, 'accepted'],
    [attempt(2).job, 'finished'],
  ]);
  expect(journal?.counts()).toEqual({ accepted: 1, outbox: 1 });
  expect(journal?.recent(9).map(({ offer }) => offer.job)).toEqual([3, 2, 1].map((one) => attempt(one).job));
};

test('says nothing of a journal that is whole', async () => {
  expect(await reopen()).toEqual([]);
  expectWhole();
});

test('finds a result again that no index names', async () => {
  await behindItsBack((table) => table('pending').remove(indexKey(2)));
  expect(await reopen()).toEqual([
    { table: 'order', key: key(2), reason: 'the indexes contradict the record' },
  ]);
  expectWhole();
});

test('puts an entry back that stands for another time, another job or another state', async () => {
  await behindItsBack(async (table) => {
    await table('pending').remove(indexKey(1));
    await table('pending').put(timeKey(START_MS + 9, key(1)), Buffer.from('a'));
    await table('order').put(timeKey(START_MS, key(7)), Buffer.from('o'));
    await table('pending').put(indexKey(2), Buffer.from('a'));
  });
  expect(await reopen()).toEqual([
    { table: 'order', key: timeKey(START_MS, key(7)), reason: 'it names no record' },
    { table: 'order', key: key(1), reason: 'the indexes contradict the record' },
    { table: 'order', key: key(2), reason: 'the indexes contradict the record' },
  ]);
  expectWhole();
});

test('forgets that an acknowledged result was pending', async () => {
  await behindItsBack((table) => table('pending').put(indexKey(3), Buffer.from('r')));
  expect(await reopen()).toHaveLength(1);
  expectWhole();
});

test('files a record under its own name again, so that the attempt never runs twice', async () => {
  await behindItsBack(async (table) => {
    const bytes = table('records').get(key(2)) ?? Buffer.alloc(0);
    await table('records').remove(key(2));
    await table('records').put(key(8), bytes);
  });
  expect((await reopen()).map(({ reason }) => reason)).toContain('it is the record of another attempt');
  expectWhole();
  await expect(journal?.accept(acceptedRecord(2))).rejects.toMatchObject({
    code: 'JOURNAL_DUPLICATE_ATTEMPT',
  });
});

test('tells of an output that is gone', async () => {
  await behindItsBack((table) => table('outputs').remove(key(2)));
  expect(await reopen()).toEqual([{ table: 'outputs', key: key(2), reason: 'it is missing' }]);
});

test('drops an entry whose name a disk has made unreadable', async () => {
  const root = open({ path: dir, overlappingSync: false });
  const pending = root.openDB<Buffer, Buffer>({ name: 'pending', encoding: 'binary', keyEncoding: 'binary' });
  await pending.put(Buffer.from(indexKey(2)).fill(0, 0, 20), Buffer.from('f'));
  await pending.remove(Buffer.from(indexKey(2)));
  await root.close();
  expect((await reopen()).map(({ table }) => table)).toEqual(['pending', 'order']);
  expectWhole();
});
