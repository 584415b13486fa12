// What only the journal on disk can show: its files, its durability, and how it meets damage.
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobJournal } from '../../../src/adapters/journal/job-journal.js';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
} from './job-fixtures.js';

let dir: string;
let journal: JobJournal | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  await journal?.close();
  journal = undefined;
  await rm(dir, { recursive: true });
});

/** Changes stored bytes behind the journal's back. */
const damage = async (table: string, key: string, change: (bytes: Buffer) => Buffer): Promise<void> => {
  const root = open({ path: dir, overlappingSync: false });
  const db = root.openDB<Buffer, string>({ name: table, encoding: 'binary' });
  await db.put(key, change(db.get(key) ?? Buffer.alloc(0)));
  await root.close();
};
const flipLastByte = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
};
const key = (number: number): string => `${attempt(number).job}:1`;

test('keeps its directory and files to the owner', async () => {
  journal = await openJobJournal(join(dir, 'jobs'));
  const modes = await Promise.all(
    ['.', 'data.mdb', 'lock.mdb'].map(async (name) => (await stat(join(dir, 'jobs', name))).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o600, 0o600]);
});

test('continues records, outputs and the chain of receipts after it is opened again', async () => {
  const first = await openJobJournal(dir);
  for (const number of [1, 2]) {
    await first.accept(acceptedRecord(number));
    await first.finish(attempt(number), executionOf(number), outputOf(number));
  }
  const receipt = await first.receipt(attempt(1), receiptOf(1), digestOfReceipt);
  await first.close();
  journal = await openJobJournal(dir);
  expect(journal.output(attempt(2))).toEqual(outputOf(2));
  expect(await journal.receipt(attempt(2), receiptOf(2), digestOfReceipt)).toMatchObject({
    seq: 2,
    previous: digestOfReceipt(receipt),
  });
});

test('quarantines a damaged record, reports it without content, and never runs the attempt again', async () => {
  const first = await openJobJournal(dir);
  for (const number of [1, 2, 3]) await first.accept(acceptedRecord(number));
  await first.close();
  await damage('records', key(1), flipLastByte);
  await damage('requests', key(2), () => Buffer.from('garbage'));

  const found: CorruptEntry[] = [];
  journal = await openJobJournal(dir, { onCorrupt: (entry) => found.push(entry) });
  expect(journal.pending()).toEqual([acceptedRecord(3)]);
  expect(journal.find(attempt(1))).toBeUndefined();
  expect(found).toEqual([
    { table: 'records', key: key(1), reason: 'checksum does not match' },
    { table: 'records', key: key(2), reason: 'unknown format 103' },
  ]);
  await expect(journal.accept(acceptedRecord(1))).rejects.toMatchObject({ details: { quarantined: true } });
  expect(journal.counts()).toEqual({ accepted: 1, outbox: 0 });
  await journal.close();

  const root = open({ path: dir, overlappingSync: false });
  const kept = [...root.openDB({ name: 'quarantine', encoding: 'binary' }).getKeys()];
  await root.close();
  expect(kept).toEqual([
    `records/${key(1)}`,
    `records/${key(2)}`,
    `requests/${key(1)}`,
    `requests/${key(2)}`,
  ]);
  journal = undefined;
});

test('does not believe a record stored under another attempt', async () => {
  const first = await openJobJournal(dir);
  for (const number of [1, 2]) await first.accept(acceptedRecord(number));
  await first.close();
  let other = Buffer.alloc(0);
  await damage('records', key(1), (bytes) => {
    other = Buffer.from(bytes);
    return bytes;
  });
  await damage('records', key(2), () => other);
  const found: CorruptEntry[] = [];
  journal = await openJobJournal(dir, { onCorrupt: (entry) => found.push(entry) });
  expect(journal.find(attempt(2))).toBeUndefined();
  expect(found).toEqual([
    { table: 'records', key: key(2), reason: 'the record contradicts itself or its key' },
  ]);
});

test('refuses to open with a damaged chain of receipts: going on would fork it', async () => {
  const first = await openJobJournal(dir);
  await first.accept(acceptedRecord(1));
  await first.finish(attempt(1), executionOf(1), outputOf(1));
  await first.receipt(attempt(1), receiptOf(1), digestOfReceipt);
  await first.close();
  await damage('meta', 'receipt-chain', flipLastByte);
  await expect(openJobJournal(dir)).rejects.toMatchObject({ code: 'JOURNAL', advice: expect.any(String) });
});

test.each([
  ['foreign', Buffer.alloc(8192, 'x')],
  ['zeroed', Buffer.alloc(8192)],
  ['short', Buffer.from('xyz')],
])('refuses a %s file and leaves it as it is', async (_what, bytes) => {
  await writeFile(join(dir, 'data.mdb'), bytes);
  await expect(openJobJournal(dir)).rejects.toMatchObject({ code: 'JOURNAL', advice: expect.any(String) });
  expect(await readFile(join(dir, 'data.mdb'))).toEqual(bytes);
});

test('refuses a file that has been cut', async () => {
  const first = await openJobJournal(dir);
  for (let number = 0; number < 5; number++) {
    await first.accept(acceptedRecord(number));
    await first.finish(attempt(number), executionOf(number), { body: 'x'.repeat(100_000), chunks: null });
  }
  await first.close();
  const { size } = await stat(join(dir, 'data.mdb'));
  await truncate(join(dir, 'data.mdb'), size / 2);
  await expect(openJobJournal(dir)).rejects.toThrow('it is cut');
});

test('opens an empty file as a new journal', async () => {
  await writeFile(join(dir, 'data.mdb'), '');
  journal = await openJobJournal(dir);
  await journal.accept(acceptedRecord(1));
  expect(journal.pending()).toEqual([acceptedRecord(1)]);
});

test('leaves nothing of a creation that was cut short, and nothing of its own', async () => {
  await writeFile(join(dir, 'data.mdb.new'), 'half a journal');
  journal = await openJobJournal(dir);
  expect((await readdir(dir)).sort()).toEqual(['data.mdb', 'lock.mdb']);
});
