// The real disk, of which one step fails: before anything has happened, halfway, or after all of it has.
import { writeFile } from 'node:fs/promises';
import { type DiskSteps, realDisk } from '../../../src/adapters/state/disk-steps.js';

export const MOMENTS = ['before', 'halfway', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface FailingSteps extends DiskSteps {
  /** Steps taken so far. */
  readonly taken: () => number;
}

/** @param nth step that fails, counted from 1; 0: none */
export const failingSteps = (nth: number, moment: Moment, code: string): FailingSteps => {
  let taken = 0;
  const step = async (work: () => Promise<void>, half: () => Promise<void>): Promise<void> => {
    taken++;
    if (taken !== nth) return work();
    if (moment === 'halfway') await half();
    if (moment === 'after') await work();
    throw Object.assign(new Error(`${code}, as asked for`), { code });
  };
  const nothing = () => Promise.resolve();
  return {
    taken: () => taken,
    writeNew: (path, bytes, mode) =>
      step(
        () => realDisk.writeNew(path, bytes, mode),
        () => writeFile(path, bytes.subarray(0, bytes.length / 2)),
      ),
    rename: (from, to) => step(() => realDisk.rename(from, to), nothing),
    syncDirectory: (path) => step(() => realDisk.syncDirectory(path), nothing),
    remove: (path) => step(() => realDisk.remove(path), nothing),
  };
};
