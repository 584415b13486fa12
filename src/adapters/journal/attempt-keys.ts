// How an attempt is named in the journal: its own key, and the one cut out of an entry of an index.
import { count, ulid } from '../../protocol/primitives.js';
import type { AttemptKey } from './job-journal.js';
import { recordKeyOf } from './journal-indexes.js';

export const keyOf = ({ job, attempt }: AttemptKey): string => `${job}:${attempt}`;
export const attemptOfTimeKey = (indexKey: string): AttemptKey => {
  const [job = '', attempt = ''] = recordKeyOf(indexKey).split(':');
  return { job, attempt: Number(attempt) };
};
/** Whether it can be the key of anything. */
export const isKey = ({ job, attempt }: AttemptKey): boolean =>
  ulid.safeParse(job).success && count.safeParse(attempt).success;
