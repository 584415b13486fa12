// One attempt in every state a journal knows, and what is found of them.
import { openJobJournal } from '../../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from '../adapters/journal/job-fixtures.js';

const LAST = 5;
const STREAMED = 4;

/** 1 acknowledged, 2 and 4 receipted, 3 finished, 5 accepted; 4 was streamed. */
export const liveJournal = async (dir: string): Promise<void> => {
  const journal = await openJobJournal(dir);
  for (let number = 1; number <= LAST; number++) await journal.accept(acceptedRecord(number));
  for (const number of [1, 2, 3]) {
    await journal.finish(attempt(number), executionOf(number), outputOf(number));
  }
  await journal.finish(attempt(STREAMED), executionOf(STREAMED), { body: null, chunks: ['a', 'b'] });
  for (const number of [1, 2, STREAMED]) {
    await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
  }
  await journal.acknowledge(attempt(1), 'accepted', START_MS + 1_000);
  await journal.close();
};

/** With the next receipt, which says where the chain had got to. */
export const judgedJournal = async (dir: string): Promise<object> => {
  const corrupt: object[] = [];
  const journal = await openJobJournal(dir, { onCorrupt: (entry) => corrupt.push(entry) });
  const attempts = Array.from({ length: LAST }, (_, at) => ({
    record: journal.find(attempt(at + 1)),
    output: journal.output(attempt(at + 1)) ?? null,
  }));
  const pending = journal.pending().map(({ offer }) => offer.job);
  const counts = journal.counts();
  const next = await journal.receipt(attempt(3), receiptOf(3), digestOfReceipt);
  await journal.close();
  return { attempts, pending, counts, next, corrupt };
};
