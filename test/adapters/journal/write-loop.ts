// Child of the kill test: takes attempts through the journal eight at a time and says on stdout what is durable.
import { writeSync } from 'node:fs';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
} from './job-fixtures.js';

const [dir = '', first = '0'] = process.argv.slice(2);
const journal = await openJobJournal(dir);
const say = (step: string, number: number): void => void writeSync(1, `${step} ${number}\n`);

let next = Number(first);
const writer = async (): Promise<never> => {
  for (;;) {
    const number = next++;
    await journal.accept(acceptedRecord(number));
    say('accepted', number);
    await journal.finish(attempt(number), executionOf(number), outputOf(number));
    say('finished', number);
    await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
    say('receipted', number);
  }
};
await Promise.all(Array.from({ length: 8 }, writer));
