// The real disk, with a plan of which steps fail: before they happen, or halfway.
import { writeFile } from 'node:fs/promises';
import { type DiskSteps, realDisk } from '../../../src/adapters/state/disk-steps.js';

/** `before`: nothing happens. `torn`: a file is half written; a rename or fsync has happened when it is reported failed. */
export type Fault = 'none' | 'before' | 'torn';

const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** @param plan one entry per step, in order; steps beyond it succeed */
export const failingDisk = (plan: readonly Fault[]): DiskSteps & { readonly steps: () => number } => {
  let steps = 0;
  const step = async (work: () => Promise<void>, torn: () => Promise<void>): Promise<void> => {
    const fault = plan[steps] ?? 'none';
    steps += 1;
    if (fault === 'none') return work();
    if (fault === 'torn') await torn();
    throw full();
  };
  return {
    steps: () => steps,
    writeNew: (path, bytes, mode) =>
      step(
        () => realDisk.writeNew(path, bytes, mode),
        () => writeFile(path, bytes.subarray(0, bytes.length / 2)),
      ),
    rename: (from, to) =>
      step(
        () => realDisk.rename(from, to),
        () => realDisk.rename(from, to),
      ),
    syncDirectory: (path) =>
      step(
        () => realDisk.syncDirectory(path),
        () => realDisk.syncDirectory(path),
      ),
    remove: (path) =>
      step(
        () => realDisk.remove(path),
        () => Promise.resolve(),
      ),
  };
};
