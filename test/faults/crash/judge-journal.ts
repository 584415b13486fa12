// What a journal must hold after a life that was cut short: every step it had promised, and nothing that was never so.
import { expect } from 'vitest';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { NO_DIGEST } from '../../../src/protocol/receipt.js';
import { attempt, digestOfReceipt, outputOf } from '../../adapters/journal/job-fixtures.js';
import type { JournalPlan } from './journal-plan.js';

const STEPS = ['accepted', 'finished', 'receipted', 'acknowledged'];

/** The furthest step promised of each attempt. */
const promisesOf = (acknowledged: readonly string[]): ReadonlyMap<number, string> => {
  const promises = new Map<number, string>();
  for (const text of acknowledged) {
    const [step = '', number = ''] = text.split(' ');
    if (STEPS.includes(step)) promises.set(Number(number), step);
  }
  return promises;
};

/** @throws when a promise is broken or something torn is believed */
export const judgeJournal = async (
  dir: string,
  acknowledged: readonly string[],
  { alone, together, forgottenBelow }: JournalPlan,
): Promise<void> => {
  const told: CorruptEntry[] = [];
  const journal = await openJobJournal(dir, { onCorrupt: (entry) => told.push(entry) });
  try {
    const promises = promisesOf(acknowledged);
    for (const [number, step] of promises) {
      const record = journal.find(attempt(number));
      // Pruned, perhaps without having been able to say so.
      const mayBeGone = number < forgottenBelow && promises.size >= alone + together;
      if (record === undefined && mayBeGone) continue;
      expect([number, STEPS.indexOf(record?.state ?? '')]).toEqual([
        number,
        expect.toSatisfy((reached: number) => reached >= STEPS.indexOf(step)),
      ]);
      const isKept = record?.state === 'finished' || record?.state === 'receipted';
      if (isKept) expect(journal.output(attempt(number))).toMatchObject({ chunks: null });
      if (isKept && number % 3 !== 0) expect(journal.output(attempt(number))).toEqual(outputOf(number));
    }
    const receipts = journal
      .recent(99)
      .flatMap(({ receipt }) => (receipt === null ? [] : [receipt]))
      .sort((a, b) => a.seq - b.seq);
    for (const [at, receipt] of receipts.entries()) {
      const before = receipts[at - 1];
      const expected = before === undefined ? NO_DIGEST : digestOfReceipt(before);
      if (before === undefined ? receipt.seq === 1 : before.seq === receipt.seq - 1) {
        expect(receipt.previous).toBe(expected);
      }
    }
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(receipts.length);
    expect(told).toEqual([]);
  } finally {
    await journal.close();
  }
};
