// The reference network's memory: tables of validated records in one embedded LMDB environment. No server needed.
// A resolved promise means the record is on disk (committed and flushed).
import { type Database, open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { Overlay } from './overlay.js';
import type { RangeOptions } from './range-options.js';
import { CorruptRecordError, UnreadableRecordError } from './store-errors.js';

/** One kind of record under string keys, which sort bytewise: a ULID or zero-padded number in the key gives order. */
export interface Table<T> {
  /** @throws CorruptRecordError when what is stored does not fit the schema */
  get(key: string): T | undefined;
  /** Records in key order from `start` (inclusive unless told) to `end` (exclusive). */
  range(options?: RangeOptions): Iterable<{ readonly key: string; readonly value: T }>;
  /** Records on disk, without what a transaction under way has changed; reads none of them. */
  count(): number;
  /** Only inside {@link NetworkStore.transaction}. */
  put(key: string, value: T): void;
  /** Only inside {@link NetworkStore.transaction}. */
  remove(key: string): void;
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

/** Of lmdb's: how many records a table holds. */
const stats = z.object({ entryCount: z.int() });

/** Bytes of the longest key LMDB takes with its default page size. */
const KEY_BYTES = 1978;

/** @param path directory of the environment; made if missing */
export const openStore = (path: string): NetworkStore => {
  const root: RootDatabase = open({ path, maxDbs: 64, compression: false });
  const tables = new Map<string, Database<unknown, string>>();
  /** What the work under way has changed, by table; undefined outside of a transaction. */
  let changes: Map<string, Overlay> | undefined;

  const changesOf = (name: string): Overlay => {
    if (changes === undefined) throw new Error(`table '${name}' is written outside of a transaction`);
    const overlay = changes.get(name) ?? new Overlay();
    changes.set(name, overlay);
    return overlay;
  };

  const run = <R>(work: () => R): R => {
    const overlays = new Map<string, Overlay>();
    changes = overlays;
    let value: R;
    try {
      value = work();
    } finally {
      changes = undefined;
    }
    for (const [name, overlay] of overlays) {
      const db = tables.get(name);
      if (db !== undefined)
        overlay.apply(
          (key, record) => db.putSync(key, record),
          (key) => db.removeSync(key),
        );
    }
    return value;
  };

  return {
    table: (name, schema) => {
      const db = tables.get(name) ?? root.openDB<unknown, string>({ name, encoding: 'json' });
      tables.set(name, db);
      const parse = (key: string, value: unknown) => {
        const parsed = schema.safeParse(value);
        if (parsed.success) return parsed.data;
        throw new CorruptRecordError(`record '${key}' of table '${name}': ${z.prettifyError(parsed.error)}`, {
          advice: 'Stop the network, keep a copy of its data directory, and restore the last backup.',
        });
      };
      return {
        get: (key) => {
          const overlay = changes?.get(name);
          const value = overlay?.has(key) ? overlay.get(key) : db.get(key);
          return value === undefined ? undefined : parse(key, value);
        },
        *range(options = {}) {
          const overlay = changes?.get(name);
          if (overlay === undefined) {
            for (const { key, value } of db.getRange(options)) yield { key, value: parse(key, value) };
            return;
          }
          const { limit = Number.POSITIVE_INFINITY, ...bounds } = options;
          const base = db.getRange(bounds).map(({ key, value }) => [key, value] as const);
          let left = limit;
          for (const [key, value] of overlay.weave(base, bounds)) {
            if (left-- <= 0) return;
            yield { key, value: parse(key, value) };
          }
        },
        count: () => stats.parse(db.getStats()).entryCount,
        put: (key, value) => {
          const bytes = Buffer.byteLength(key);
          if (bytes === 0 || bytes > KEY_BYTES)
            throw new UnreadableRecordError(`a key of ${bytes} bytes in table '${name}'`);
          const parsed = schema.safeParse(value);
          if (!parsed.success)
            throw new UnreadableRecordError(
              `record '${key}' for table '${name}': ${z.prettifyError(parsed.error)}`,
            );
          changesOf(name).put(key, parsed.data);
        },
        remove: (key) => changesOf(name).remove(key),
      };
    },
    transaction: async (work) => {
      const outcome = await root.transaction(() => {
        // LMDB must not see a throw: it would commit the batch all the same.
        try {
          return { value: run(work) };
        } catch (thrown) {
          return { thrown };
        }
      });
      if ('thrown' in outcome) throw outcome.thrown;
      await root.flushed;
      return outcome.value;
    },
    close: () => root.close(),
  };
};
