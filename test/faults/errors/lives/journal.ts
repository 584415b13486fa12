// A short life of a journal on a disk that fails somewhere: tries each step until it succeeds, says how it was refused
// and what it then read, and ends with the journal as it stands.
import { writeSync } from 'node:fs';
import type { JobJournal } from '../../../../src/adapters/journal/job-journal.js';
import { openJobJournal } from '../../../../src/adapters/journal/lmdb-journal.js';
import { NodeError, toFailure } from '../../../../src/errors.js';
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

const [dir = ''] = process.argv.slice(2);
const say = (fact: object): void => void writeSync(1, `${JSON.stringify(fact)}\n`);
/** Each thread that writes may meet the fault once. */
const MOST_TRIES = 12;

const insist = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      const done = await work();
      say({ step });
      return done;
    } catch (caught) {
      const isTyped = caught instanceof NodeError;
      say({ refused: step, isTyped, failure: toFailure(caught) });
      // Done, and reported as failed: that the disk has it is all a second try can find out.
      if (isTyped && caught.code === 'JOURNAL_DUPLICATE_ATTEMPT') return undefined as T;
      if (tries === MOST_TRIES) throw caught;
    }
  }
};

const statesOf = (journal: JobJournal) =>
  journal
    .recent(9)
    .map(({ offer, state }) => `${offer.job.at(-1)} ${state}`)
    .sort();

const live = async (): Promise<void> => {
  let journal = await insist('open', () => openJobJournal(dir));
  for (const number of [1, 2, 3]) {
    const output = number === 2 ? { body: 'x'.repeat(20_000), chunks: null } : outputOf(number);
    await insist(`accept ${number}`, () => journal.accept(acceptedRecord(number)));
    await insist(`finish ${number}`, () => journal.finish(attempt(number), executionOf(number), output));
    await insist(`receipt ${number}`, () =>
      journal.receipt(attempt(number), receiptOf(number), digestOfReceipt),
    );
    if (number === 3) continue;
    await insist(`acknowledge ${number}`, () =>
      journal.acknowledge(attempt(number), 'accepted', START_MS + number),
    );
  }
  await insist('prune', () => journal.prune(START_MS + DAY_MS + 2));
  const inMemory = statesOf(journal);
  await journal.close();
  journal = await insist('open again', () => openJobJournal(dir));
  say({ inMemory, onDisk: statesOf(journal) });
  await journal.close();
};
void live();
