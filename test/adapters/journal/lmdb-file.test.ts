// Damage to LMDB's own pages: refused before LMDB reads it, or of no consequence.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkLmdbFile } from '../../../src/adapters/journal/lmdb-file.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { acceptedRecord, attempt, executionOf, outputOf } from './job-fixtures.js';

const PAGE = 4096;
const LAST = 60;
const TXN_AT = 152;
const txnOf = (file: Buffer, head: number): bigint => file.readBigUInt64LE(head + TXN_AT);

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lmdb-file-'));
  path = join(dir, 'data.mdb');
});
afterEach(() => rm(dir, { recursive: true }));

/** Branches, long values, freed pages: enough records for two levels, some of them gone again. */
const writeJournal = async (): Promise<Buffer> => {
  const journal = await openJobJournal(dir);
  for (let number = 1; number <= LAST; number++) {
    await journal.accept(acceptedRecord(number));
    const body = 'x'.repeat(number % 7 === 0 ? 20_000 : 100);
    await journal.finish(
      attempt(number),
      executionOf(number),
      number === LAST ? outputOf(number) : { body, chunks: null },
    );
  }
  await journal.prune(acceptedRecord(20).expires_ms);
  await journal.close();
  return readFile(path);
};

const refusalOf = (): string | undefined => {
  try {
    checkLmdbFile(path);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'JOURNAL', advice: expect.any(String) });
    return String(error);
  }
};

test('finds nothing wrong with what the journal has written', async () => {
  const bytes = await writeJournal();
  expect(bytes.length / PAGE).toBeGreaterThan(60);
  expect(refusalOf()).toBeUndefined();
});

test.each([
  ['zeroed', () => Buffer.alloc(PAGE)],
  ['in the place of its neighbour', (page: Buffer, next: Buffer) => (next.length === PAGE ? next : page)],
])('misses no page that is %s', async (_how, change) => {
  const whole = await writeJournal();
  let refused = 0;
  for (let at = 0; at < whole.length; at += PAGE) {
    const damaged = Buffer.from(whole);
    const page = whole.subarray(at, at + PAGE);
    change(page, whole.subarray(at + PAGE, at + 2 * PAGE)).copy(damaged, at);
    await writeFile(path, damaged);
    if (refusalOf() !== undefined) {
      refused++;
      continue;
    }
    // Free, or inside of a long value, which has a checksum of its own.
    const journal = await openJobJournal(dir);
    expect(journal.pending()).toHaveLength(LAST - 20);
    expect(journal.output(attempt(LAST))).toEqual(outputOf(LAST));
    await journal.close();
  }
  expect(refused).toBeGreaterThan(20);
});

test.each([
  [1n, 'its two heads contradict each other'],
  // The older head then looks like the one after the younger, and would take the last transaction back.
  [2n, 'its newest transaction has left no page'],
])('refuses a head whose transaction is %i later than it was', async (later, why) => {
  const whole = await writeJournal();
  const [older] = [0, PAGE].sort((a, b) => Number(txnOf(whole, a) - txnOf(whole, b))) as [number];
  whole.writeBigUInt64LE(txnOf(whole, older) + later, older + TXN_AT);
  await writeFile(path, whole);
  expect(refusalOf()).toContain(why);
});

test('refuses a list of free pages that gives a page in use away', async () => {
  const whole = await writeJournal();
  const head = txnOf(whole, 0) > txnOf(whole, PAGE) ? 0 : PAGE;
  const [freeRoot, mainRoot] = [88, 136].map((at) => whole.readBigUInt64LE(head + at)) as [bigint, bigint];
  const page = Number(freeRoot) * PAGE + 24;
  const node = page + whole.readUInt16LE(page);
  const list = node + 8 + whole.readUInt16LE(node + 6);
  whole.writeBigUInt64LE(mainRoot, list + 8);
  await writeFile(path, whole);
  expect(refusalOf()).toContain('has two owners');
});
