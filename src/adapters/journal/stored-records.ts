// The record of an attempt on disk, its request beside it and its marks in the indexes: written, read back and dropped as one.
import { jobOffer } from '../../protocol/messages/jobs.js';
import { attemptOfTimeKey, isKey, keyOf } from './attempt-keys.js';
import type { Staged } from './group-commit.js';
import { type AttemptKey, type JobRecord, jobRecord } from './job-journal.js';
import { isCoherent } from './job-steps.js';
import { UnknownAttemptError } from './journal-errors.js';
import { MARKS, RECORD_PLACE, timeKey } from './journal-indexes.js';
import type { JournalStore } from './journal-store.js';
import type { Quarantine } from './quarantine.js';
import { openValue, sealValue } from './sealed-value.js';

export class StoredRecords {
  readonly #store: JournalStore;
  readonly #quarantine: Quarantine;

  constructor(store: JournalStore, quarantine: Quarantine) {
    this.#store = store;
    this.#quarantine = quarantine;
  }

  /** The record without its request, and its mark in the index of what is pending. */
  write(staged: Staged, key: string, record: JobRecord): void {
    staged.set(
      'records',
      key,
      sealValue({ ...record, offer: { ...record.offer, request: {} } }, RECORD_PLACE),
    );
    if (record.state === 'acknowledged') return;
    staged.set('pending', timeKey(record.accepted_ms, key), MARKS[record.state]);
  }

  drop(staged: Staged, key: string, acceptedMs: number | undefined): void {
    for (const table of ['records', 'requests', 'outputs'] as const) staged.set(table, key, undefined);
    if (acceptedMs === undefined) return;
    staged.set('order', timeKey(acceptedMs, key), undefined);
    staged.set('pending', timeKey(acceptedMs, key), undefined);
  }

  /** @throws UnknownAttemptError */
  known(staged: Staged, key: AttemptKey): JobRecord {
    const record = isKey(key) ? this.parsed(staged.get, key) : undefined;
    if (record !== undefined) return record;
    throw new UnknownAttemptError('the journal holds no readable record of this attempt', {
      details: { job: key.job.slice(0, 26), attempt: key.attempt },
    });
  }

  read(key: AttemptKey): JobRecord | undefined {
    return this.parsed((table, name) => this.#store.get(table, name), key);
  }

  readAll(indexKeys: readonly string[]): readonly JobRecord[] {
    return indexKeys
      .map((indexKey) => this.read(attemptOfTimeKey(indexKey)))
      .filter((record) => record !== undefined);
  }

  /** What cannot be believed is set aside, and is as if it were not there. @param get of the store or of a commit */
  parsed(get: Staged['get'], key: AttemptKey): JobRecord | undefined {
    const name = keyOf(key);
    const bytes = get('records', name);
    if (bytes === undefined) return undefined;
    return this.#quarantine.believe('records', name, () => {
      const record = jobRecord.parse(openValue(bytes, RECORD_PLACE));
      if (!isCoherent(record, key)) throw new Error('the record contradicts itself or its key');
      if (record.state === 'acknowledged') return record;
      const request = get('requests', name);
      if (request === undefined) throw new Error('its request is missing');
      return {
        ...record,
        offer: {
          ...record.offer,
          request: jobOffer.shape.request.parse(openValue(request, `requests/${name}`)),
        },
      };
    });
  }
}
