// Removes what a demo leaves. Installed models are read-only, to their owner as well, and what is in such a folder can
// be unlinked by root alone.
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export const removeDirectory = async (directory: string): Promise<void> => {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700);
  }
  await rm(directory, { recursive: true, force: true });
};
