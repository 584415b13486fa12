// The journal without a disk, for tests of machines and services: the same rules over maps.
import type { JobJournal } from './job-journal.js';
import { JournalError } from './journal-errors.js';
import type { JournalStore, TableName } from './journal-store.js';
import { type JournalOptions, StoredJournal } from './stored-journal.js';

export interface MemoryJournalOptions extends JournalOptions {
  /** While it answers true every commit fails as on a full disk. */
  readonly isFull?: () => boolean;
}

export const createMemoryJournal = (options: MemoryJournalOptions = {}): JobJournal =>
  new StoredJournal(memoryStore(options.isFull ?? (() => false)), options);

const memoryStore = (isFull: () => boolean): JournalStore => {
  const tables = new Map<TableName, Map<string, Uint8Array>>();
  const table = (name: TableName): Map<string, Uint8Array> => {
    const found = tables.get(name) ?? new Map<string, Uint8Array>();
    tables.set(name, found);
    return found;
  };
  return {
    get: (name, key) => table(name).get(key),
    keys: (name, { reverse = false, limit = Number.POSITIVE_INFINITY, before } = {}) => {
      const keys = [...table(name).keys()].filter((key) => before === undefined || key < before).sort();
      if (reverse) keys.reverse();
      return keys.slice(0, limit);
    },
    count: (name) => table(name).size,
    bytes: () => {
      let bytes = 0;
      for (const [name, entries] of tables) {
        if (name === 'quarantine') continue;
        for (const [key, value] of entries) bytes += key.length + value.length;
      }
      return bytes;
    },
    space: () => undefined,
    commit: async (changes) => {
      if (isFull()) throw new JournalError('no space left in the job journal');
      for (const { table: name, key, value } of changes) {
        if (value === undefined) table(name).delete(key);
        else table(name).set(key, value);
      }
    },
    close: async () => {},
  };
};
