// A journal of a newer node is refused, and nothing in it is touched.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { LmdbStore } from '../../../src/adapters/journal/lmdb-store.js';
import { acceptedRecord, attempt } from './job-fixtures.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-version-'));
  const journal = await openJobJournal(dir);
  await journal.accept(acceptedRecord(1));
  await journal.close();
});
afterEach(() => rm(dir, { recursive: true }));

const sayVersion = async (text: string): Promise<void> => {
  const store = new LmdbStore({ path: dir, isFile: false });
  await store.commit([{ table: 'meta', key: 'version', value: Buffer.from(text) }]);
  await store.close();
};

test.each([
  ['2', 'JOURNAL_TOO_NEW', 'newer version'],
  ['x', 'JOURNAL', 'backup'],
])('refuses a journal of version %s with %s', async (version, code, advice) => {
  await sayVersion(version);
  const before = await readFile(join(dir, 'data.mdb'));
  await expect(openJobJournal(dir)).rejects.toMatchObject({ code, advice: expect.stringContaining(advice) });
  expect(await readFile(join(dir, 'data.mdb'))).toEqual(before);
});

test('opens one that says 1, or nothing', async () => {
  await sayVersion('1');
  const journal = await openJobJournal(dir);
  expect(journal.find(attempt(1))).toBeDefined();
  await journal.close();
});
