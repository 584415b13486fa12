// Child of the full-disk test, run under a limit on file size: takes attempts until the journal refuses, then goes on.

import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { toFailure } from '../../../src/errors.js';
import { acceptedRecord, attempt, executionOf } from './job-fixtures.js';

// Without a listener the limit's signal would end the process instead of failing the write.
process.on('SIGXFSZ', () => {});

const [dir = ''] = process.argv.slice(2);
const journal = await openJobJournal(dir);
const large = { body: 'x'.repeat(100_000), chunks: null };
let number = 0;
let refusal: unknown;
while (refusal === undefined) {
  try {
    await journal.accept(acceptedRecord(number));
    await journal.finish(attempt(number), executionOf(number), large);
    number++;
  } catch (error) {
    refusal = error;
  }
}
await journal.prune(Number.MAX_SAFE_INTEGER);
await journal.accept(acceptedRecord(9999));
const { accepted, outbox } = journal.counts();
await journal.close();
process.stdout.write(JSON.stringify({ number, failure: toFailure(refusal), accepted, outbox }));
