// Directories that outlast a power cut: a new name is on the disk once the directory it stands in has been synced.
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { systemCode } from './state-errors.js';

/**
 * Makes a directory for its owner alone, with those above it, and brings their names to the disk. What is there already
 * is left as it is.
 * @throws the system's error
 */
export const makeDirectoryDurably = async (
  path: string,
  disk: Pick<DiskSteps, 'syncDirectory'> = realDisk,
): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    try {
      await disk.syncDirectory(parent);
    } catch (caught) {
      // A directory of others, in which names can be made but not listed: its disk is not ours to wait for.
      if (systemCode(caught) !== 'EACCES') throw caught;
    }
    if (parent === top) return;
  }
};
