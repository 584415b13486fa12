// Jobs through all their states, several at once; each step is promised when it is done.
import { openJobJournal } from '../../../../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  DAY_MS,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from '../../../adapters/journal/job-fixtures.js';
import { type JournalPlan, jobsOf } from '../journal-plan.js';

const large = (number: number) => ({ ...outputOf(number), body: 'x'.repeat(9_000) });

export const liveJournal = async (
  dir: string,
  promise: (text: string) => void,
  plan: JournalPlan,
): Promise<void> => {
  const { alone, together, forgottenBelow } = plan;
  const journal = await openJobJournal(dir);
  const live = async (number: number): Promise<void> => {
    await journal.accept(acceptedRecord(number));
    promise(`accepted ${number}`);
    await journal.finish(
      attempt(number),
      executionOf(number),
      number % 3 === 0 ? large(number) : outputOf(number),
    );
    promise(`finished ${number}`);
    const { seq } = await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
    promise(`receipted ${number} ${seq}`);
    if (number % 2 === 0) return;
    await journal.acknowledge(attempt(number), 'accepted', START_MS + number);
    promise(`acknowledged ${number}`);
  };
  for (let number = 1; number <= alone; number++) await live(number);
  await Promise.all(Array.from({ length: together }, (_, at) => live(alone + 1 + at)));
  await journal.prune(START_MS + forgottenBelow + DAY_MS);
  promise('pruned');
  for (let number = alone + together + 1; number <= jobsOf(plan); number++) await live(number);
  await journal.close();
};
