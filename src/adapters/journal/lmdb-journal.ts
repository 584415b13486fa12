// The journal on disk. The only file that imports `lmdb`.
//
// `overlappingSync: false`: a commit's promise then resolves after the flush, and a failed flush rejects it. With
// lmdb-js' default it resolves before the flush, and the separate `flushed` promise cannot report a failure.
// `eventTurnBatching: false`: its own batch around ours leaves a rejection nobody can catch when a commit fails.
// Writes go through `batch`, grouped by us, for lmdb-js' `transaction(callback)` stays pending on Node 20.20.
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { count } from '../../protocol/primitives.js';
import { realDisk } from '../state/disk-steps.js';
import { makeDirectoryDurably } from '../state/durable-directory.js';
import type { JobJournal } from './job-journal.js';
import { JournalError } from './journal-errors.js';
import { repairIndexes } from './journal-indexes.js';
import { type JournalStore, TABLES, type TableName } from './journal-store.js';
import { checkLmdbFile } from './lmdb-file.js';
import { type JournalOptions, StoredJournal } from './stored-journal.js';

const ADVICE =
  'Check free space and permissions of the data directory. If the file is damaged, move it aside: results that were not acknowledged are then lost.';

const LMDB_OPTIONS = { overlappingSync: false, eventTurnBatching: false, maxDbs: TABLES.length } as const;

type Table = Database<Buffer, Buffer>;

/** Byte for byte: what a disk made of a key is still a key, of which lmdb-js' own encoding makes numbers and lists. */
const keyBytes = (key: string): Buffer => Buffer.from(key, 'latin1');

/**
 * @param dir created with mode 0700 if missing; its files get 0600
 * @throws JournalError not a directory of ours, not writable, or not an LMDB file
 */
export const openJobJournal = async (dir: string, options: JournalOptions = {}): Promise<JobJournal> => {
  try {
    await makeDirectoryDurably(dir);
    await chmod(dir, 0o700);
    const path = join(dir, 'data.mdb');
    checkLmdbFile(path);
    if (!(await holdsAnything(path))) await createWhole(path);
    const store = storeOf(open({ ...LMDB_OPTIONS, path: dir, noSubdir: false }));
    for (const file of ['data.mdb', 'lock.mdb']) await chmod(join(dir, file), 0o600);
    try {
      const { changes, found } = repairIndexes(store);
      if (changes.length > 0) await store.commit(changes);
      for (const entry of found) options.onCorrupt?.(entry);
      return new StoredJournal(store, options);
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof JournalError) throw cause;
    throw new JournalError(`the job journal in ${dir} cannot be opened`, { cause, advice: ADVICE });
  }
};

const holdsAnything = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found !== undefined && found.size > 0;
};

/**
 * A new journal appears whole or not at all. LMDB makes its file in several steps and never brings its name to the disk:
 * a power cut would leave a file that is none, or take away a journal that has been written to.
 */
const createWhole = async (path: string): Promise<void> => {
  const fresh = `${path}.new`;
  const remove = () => Promise.all([fresh, `${fresh}-lock`].map((name) => rm(name, { force: true })));
  await remove();
  await storeOf(open({ ...LMDB_OPTIONS, path: fresh, noSubdir: true })).close();
  await rename(fresh, path);
  await remove();
  await realDisk.syncDirectory(dirname(path));
};

const storeOf = (root: RootDatabase): JournalStore => {
  const tables = new Map<TableName, Table>();
  for (const name of TABLES) {
    tables.set(name, root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }));
  }
  let closed = false;
  const table = (name: TableName): Table => {
    const found = tables.get(name);
    if (found === undefined || closed) throw new JournalError('the job journal is closed');
    return found;
  };
  return {
    get: (name, key) => table(name).get(keyBytes(key)),
    keys: (name, { reverse = false, limit, before } = {}) => {
      const bound = before === undefined ? undefined : keyBytes(before);
      const found = table(name).getKeys({
        reverse,
        ...(limit === undefined ? {} : { limit }),
        ...(bound === undefined ? {} : reverse ? { start: bound, exclusiveStart: true } : { end: bound }),
      });
      return Array.from(found, (key) => key.toString('latin1'));
    },
    count: (name) => pagesOf(table(name)).entryCount,
    bytes: () => {
      let bytes = 0;
      for (const name of TABLES) {
        if (name === 'quarantine') continue;
        const pages = pagesOf(table(name));
        bytes += pages.pageSize * (pages.treeBranchPageCount + pages.treeLeafPageCount + pages.overflowPages);
      }
      return bytes;
    },
    commit: async (changes) => {
      try {
        const writes: Promise<boolean>[] = [];
        const committed = root.batch(() => {
          for (const { table: name, key, value } of changes) {
            writes.push(
              value === undefined
                ? table(name).remove(keyBytes(key))
                : table(name).put(
                    keyBytes(key),
                    Buffer.from(value.buffer, value.byteOffset, value.byteLength),
                  ),
            );
          }
        });
        // Each write rejects by itself too when the commit fails; one nobody waits for would end the process.
        await Promise.all([committed, ...writes]);
      } catch (caught) {
        const cause = await commitCause(caught);
        throw new JournalError('the job journal could not be written', { cause, advice: ADVICE });
      }
    },
    close: async () => {
      closed = true;
      await root.close();
    },
  };
};

/** MDB_stat, of which lmdb-js has no type. */
const treeStats = z.object({
  pageSize: count,
  entryCount: count,
  treeBranchPageCount: count,
  treeLeafPageCount: count,
  overflowPages: count,
});
const pagesOf = (table: Table): z.infer<typeof treeStats> => treeStats.parse(table.getStats());

/** lmdb-js hangs the reason of a failed commit on the error as a promise, which rejects. */
const commitCause = async (caught: unknown): Promise<unknown> => {
  if (!(caught instanceof Error) || !('commitError' in caught)) return caught;
  return Promise.resolve(caught.commitError).catch((reason: unknown) => reason);
};
