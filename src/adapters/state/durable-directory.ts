// Directories that outlast a power cut: a new name is on the disk once the directory it stands in has been synced.
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { adviceFor, StateWriteError, systemCode } from './state-errors.js';

/** From `path` up to the first that was made. */
const madeDirectories = (path: string, first: string): readonly string[] => {
  const made = [resolve(path)];
  for (let at = resolve(path); at !== resolve(first); ) {
    at = dirname(at);
    made.push(at);
  }
  return made;
};

const syncNames = async (made: readonly string[], disk: Pick<DiskSteps, 'syncDirectory'>): Promise<void> => {
  for (const directory of made) {
    try {
      await disk.syncDirectory(dirname(directory));
    } catch (caught) {
      // A directory of others, in which names can be made but not listed: its disk is not ours to wait for.
      if (systemCode(caught) !== 'EACCES') throw caught;
    }
  }
};

/**
 * Makes a directory for its owner alone, with those above it, and brings their names to the disk. What is there already
 * is left as it is. When it throws, nothing has been made.
 * @throws StateWriteError with the system's reason as cause
 */
export const makeDirectoryDurably = async (
  path: string,
  disk: Pick<DiskSteps, 'syncDirectory'> = realDisk,
): Promise<void> => {
  let made: readonly string[] = [];
  try {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    made = madeDirectories(path, first);
    await syncNames(made, disk);
  } catch (cause) {
    // Left behind, it would pass for one that is on the disk.
    for (const directory of made) await rmdir(directory).catch(() => undefined);
    throw new StateWriteError(`cannot make ${path}: ${systemCode(cause) ?? 'unknown reason'}`, {
      cause,
      advice: adviceFor(cause),
      details: { path },
    });
  }
};
