// The journal on disk: its directory, its file, and what is looked at before LMDB sees it.
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { realDisk } from '../state/disk-steps.js';
import { makeDirectoryDurably } from '../state/durable-directory.js';
import type { JobJournal } from './job-journal.js';
import { diskSpaceOf, fullDisk } from './journal-disk.js';
import { JOURNAL_ADVICE, JournalError, JournalTooNewError } from './journal-errors.js';
import { repairIndexes } from './journal-indexes.js';
import { checkJournalVersion } from './journal-version.js';
import { checkLmdbFile } from './lmdb-file.js';
import { LmdbStore } from './lmdb-store.js';
import { type JournalOptions, StoredJournal } from './stored-journal.js';

/**
 * @param dir created with mode 0700 if missing; its files get 0600
 * @throws JournalError not a directory of ours, not writable, or not an LMDB file; JournalTooNewError
 */
export const openJobJournal = async (dir: string, options: JournalOptions = {}): Promise<JobJournal> => {
  try {
    await makeDirectoryDurably(dir);
    await chmod(dir, 0o700);
    const path = join(dir, 'data.mdb');
    checkLmdbFile(path);
    await checkLockRoom(dir);
    if (!(await holdsAnything(path))) await createWhole(path);
    const store = new LmdbStore({ path: dir, isFile: false });
    for (const file of ['data.mdb', 'lock.mdb']) await chmod(join(dir, file), 0o600);
    try {
      checkJournalVersion(store);
      const { changes, found } = repairIndexes(store);
      if (changes.length > 0) await store.commit(changes);
      for (const entry of found) options.onCorrupt?.(entry);
      return new StoredJournal(store, options);
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof JournalError || cause instanceof JournalTooNewError) throw cause;
    throw new JournalError(`the job journal in ${dir} cannot be opened`, { cause, advice: JOURNAL_ADVICE });
  }
};

/** What LMDB needs to make its lock file and an empty journal. */
const MAKING_BYTES = 256 * 1024;

/**
 * LMDB maps its lock file into memory before it has its pages from the disk: where there is none yet and the disk is full,
 * the process would end with SIGBUS.
 * @throws an error as the system's, ENOSPC
 */
const checkLockRoom = async (dir: string): Promise<void> => {
  const isThere = await holdsAnything(join(dir, 'lock.mdb'));
  if (!isThere && (diskSpaceOf(dir)?.freeBytes ?? MAKING_BYTES) < MAKING_BYTES) throw fullDisk();
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
  await new LmdbStore({ path: fresh, isFile: true }).close();
  await rename(fresh, path);
  await remove();
  await realDisk.syncDirectory(dirname(path));
};
