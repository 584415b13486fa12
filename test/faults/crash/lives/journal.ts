// A journal that takes jobs through all their states, several at once, and says of each step when it is done.
import { join } from 'node:path';
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
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
const promise = promiser(says);
const journal = await openJobJournal(join(root, 'jobs'));

const large = (number: number) => ({ ...outputOf(number), body: 'x'.repeat(9_000) });
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

for (let number = 1; number <= 10; number++) await live(number);
await Promise.all(Array.from({ length: 8 }, (_, at) => live(11 + at)));
await journal.prune(START_MS + 15 + DAY_MS);
promise('pruned');
for (let number = 21; number <= 24; number++) await live(number);
await journal.close();
