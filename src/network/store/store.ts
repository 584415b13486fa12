// The reference network's memory: tables of validated records in one embedded LMDB environment. No server needed.
// A resolved promise means the record is on disk (committed and flushed).
import { open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { CorruptRecordError } from './store-errors.js';

/** One kind of record under string keys, which sort bytewise: a ULID or zero-padded number in the key gives order. */
export interface Table<T> {
  /** @throws CorruptRecordError when what is stored does not fit the schema */
  get(key: string): T | undefined;
  /** Records in key order from `start` (inclusive) to `end` (exclusive). */
  range(options?: RangeOptions): Iterable<{ readonly key: string; readonly value: T }>;
  /** Only inside {@link NetworkStore.transaction}. */
  put(key: string, value: T): void;
  /** Only inside {@link NetworkStore.transaction}. */
  remove(key: string): void;
}

export interface RangeOptions {
  readonly start?: string;
  readonly end?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export interface NetworkStore {
  table<T>(name: string, schema: z.ZodType<T>): Table<T>;
  /**
   * Runs `work` synchronously in one atomic transaction and resolves with its value once it is durable.
   * A throw inside rolls everything back and rejects.
   */
  transaction<R>(work: () => R): Promise<R>;
  close(): Promise<void>;
}

/** @param path directory of the environment; made if missing */
export const openStore = (path: string): NetworkStore => {
  const root: RootDatabase = open({ path, maxDbs: 32, compression: false });
  let inTransaction = false;
  const insist = (): void => {
    if (!inTransaction) throw new Error('a table is written outside of a transaction');
  };
  return {
    table: (name, schema) => {
      const db = root.openDB<unknown, string>({ name, encoding: 'json' });
      const parse = (key: string, value: unknown) => {
        const parsed = schema.safeParse(value);
        if (parsed.success) return parsed.data;
        throw new CorruptRecordError(`record '${key}' of table '${name}': ${z.prettifyError(parsed.error)}`, {
          advice: 'Stop the network, keep a copy of its data directory, and restore the last backup.',
        });
      };
      return {
        get: (key) => {
          const value = db.get(key);
          return value === undefined ? undefined : parse(key, value);
        },
        *range(options = {}) {
          for (const { key, value } of db.getRange(options)) yield { key, value: parse(key, value) };
        },
        put: (key, value) => {
          insist();
          db.putSync(key, value);
        },
        remove: (key) => {
          insist();
          db.removeSync(key);
        },
      };
    },
    transaction: async (work) => {
      const value = await root.transaction(() => {
        inTransaction = true;
        try {
          return work();
        } finally {
          inTransaction = false;
        }
      });
      await root.flushed;
      return value;
    },
    close: () => root.close(),
  };
};
