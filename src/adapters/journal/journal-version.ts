// Which rules a journal was written by. The first release wrote no number: none means 1.

import { JournalError, JournalTooNewError } from './journal-errors.js';
import type { JournalStore } from './journal-store.js';

const VERSION = 1;
const VERSION_KEY = 'version';

/** @throws JournalTooNewError; JournalError where the number cannot be read. Nothing has been changed then */
export const checkJournalVersion = (store: Pick<JournalStore, 'get'>): void => {
  const bytes = store.get('meta', VERSION_KEY);
  if (bytes === undefined) return;
  const text = Buffer.from(bytes).toString('latin1');
  if (!/^[1-9][0-9]{0,5}$/.test(text)) {
    throw new JournalError('the job journal does not say which version wrote it', {
      advice:
        'Restore it from a backup, or move it aside: what the network had not acknowledged is then lost.',
    });
  }
  if (Number(text) <= VERSION) return;
  throw new JournalTooNewError(
    `the job journal has version ${text}; this node knows versions up to ${VERSION}`,
    { advice: 'Run the newer version of the node again: what it had not delivered is in there.' },
  );
};
