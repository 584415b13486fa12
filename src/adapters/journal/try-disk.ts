// Whether a disk takes writes, found out without LMDB: lmdb-js 3.5.6 may not outlive a write of its own that fails.
import { accessSync, constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Cheap: of a read-only file system the system knows it. @throws an error of the system's */
export const mustBeWritable = (dir: string): void => accessSync(dir, constants.W_OK);

/** Writes a little, down to the disk. @throws an error of the system's */
export const tryDisk = async (dir: string): Promise<void> => {
  const path = join(dir, 'probe');
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'w', 0o600);
    await file.writeFile('does this disk take writes?\n');
    await file.datasync();
  } finally {
    await file?.close();
    await rm(path, { force: true }).catch(() => undefined);
  }
};
