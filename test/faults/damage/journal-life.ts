// A short life of a job journal, one attempt in every state, and the question whether a journal still tells it truly.
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { JobJournal, JobRecord } from '../../../src/adapters/journal/job-journal.js';
import { DuplicateAttemptError } from '../../../src/adapters/journal/journal-errors.js';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import type { Receipt } from '../../../src/protocol/receipt.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from '../../adapters/journal/job-fixtures.js';

export interface Life {
  /** By number of the attempt: 1 acknowledged, 2 receipted, 3 finished, 4 accepted. */
  readonly records: ReadonlyMap<number, JobRecord>;
  readonly lastReceipt: Receipt;
}

export const liveJournal = async (journal: JobJournal): Promise<Life> => {
  for (const number of [1, 2, 3, 4]) await journal.accept(acceptedRecord(number));
  for (const number of [1, 2, 3])
    await journal.finish(attempt(number), executionOf(number), outputOf(number));
  await journal.receipt(attempt(1), receiptOf(1), digestOfReceipt);
  const lastReceipt = await journal.receipt(attempt(2), receiptOf(2), digestOfReceipt);
  await journal.acknowledge(attempt(1), 'accepted', START_MS + 1_000);
  const records = [1, 2, 3, 4].map((number) => [number, journal.find(attempt(number))] as const);
  return {
    records: new Map(records.filter((one): one is [number, JobRecord] => one[1] !== undefined)),
    lastReceipt,
  };
};

/**
 * @param told what the journal has reported as corrupt so far; it goes on growing
 * @returns what the damage came to @throws when anything is believed that was not written, or is lost without a word
 */
export const judgeJournal = async (
  journal: JobJournal,
  life: Life,
  told: readonly CorruptEntry[],
): Promise<string> => {
  const isTold = (number: number): boolean => told.some(({ key }) => key.includes(attempt(number).job));
  for (const [number, record] of life.records) {
    const found = journal.find(attempt(number));
    if (found !== undefined) expect(found).toEqual(record);
    else {
      expect({ number, told: isTold(number) }).toEqual({ number, told: true });
      await expect(journal.accept(acceptedRecord(number))).rejects.toBeInstanceOf(DuplicateAttemptError);
    }
    const output = journal.output(attempt(number));
    const wanted = record.state === 'finished' || record.state === 'receipted' ? outputOf(number) : undefined;
    if (!isDeepStrictEqual(output, wanted)) {
      expect({ number, output, told: isTold(number) }).toEqual({ number, output: undefined, told: true });
    }
  }
  const pending = journal.pending();
  const expected = [2, 3, 4].filter((number) => journal.find(attempt(number)) !== undefined);
  expect(pending.map(({ offer }) => offer.job)).toEqual(expected.map((number) => attempt(number).job));
  if (told.length === 0) {
    expect(journal.counts()).toEqual({ accepted: 1, outbox: 2 });
    expect(journal.recent(9).map(({ offer }) => offer.job)).toEqual(
      [4, 3, 2, 1].map((number) => attempt(number).job),
    );
  }
  if (journal.find(attempt(3)) !== undefined) {
    const next = await journal.receipt(attempt(3), receiptOf(3), digestOfReceipt);
    expect([next.seq, next.previous]).toEqual([3, digestOfReceipt(life.lastReceipt)]);
  }
  return told.length === 0 ? 'unharmed' : 'set aside or repaired, and told';
};
