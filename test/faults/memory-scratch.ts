// A directory of its own in memory where the system has such a place: tens of thousands of files are written to it.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Where files are in memory, if there is such a place. */
export const inMemory = (): string => {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
};

export const memoryScratch = (): string => {
  const path = mkdtempSync(join(inMemory(), 'resultity-faults-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
