// Directories that outlast a power cut: a new name is on the disk once the directory it stands in has been synced.
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { adviceFor, StateWriteError, systemCode } from './state-errors.js';

const isDirectory = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();

/**
 * One step at a time: Node's own recursive way never ends where a parent is there and takes no names, as in /proc.
 * @returns those that were missing, the innermost first
 */
const makeMissing = async (path: string, isAboveThere = false): Promise<readonly string[]> => {
  try {
    await mkdir(path, { mode: 0o700 });
    return [path];
  } catch (caught) {
    const code = systemCode(caught);
    if (code === 'EEXIST' && (await isDirectory(path))) return [];
    const above = dirname(path);
    if (code !== 'ENOENT' || isAboveThere || above === path) throw caught;
    const made = await makeMissing(above);
    return [...(await makeMissing(path, true)), ...made];
  }
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
    made = await makeMissing(resolve(path));
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
