// The disk under a journal: what is left of it, and how much of that is kept for the results of work already taken.
import { statfsSync } from 'node:fs';
import { JournalDiskFullError } from './journal-errors.js';

export interface DiskSpace {
  /** Left to us. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const MIB = 1024 * 1024;

/** Results of all slots and more; an eighth of a disk that is small itself. */
export const reserveBytes = ({ totalBytes }: DiskSpace): number => Math.min(64 * MIB, totalBytes / 8);

/** Undefined where the system does not say: a write will tell. */
export const diskSpaceOf = (path: string): DiskSpace | undefined => {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
};

const PAGE_BYTES = 4096;
/** Pages a commit may write beside its values: branches, free lists, old pages that are kept until the next one. */
const SPARE_PAGES = 64;
/** The same for one that takes away more than it adds: it makes room, and needs little itself. */
const FEW_PAGES = 16;

export interface CommitSize {
  readonly changes: number;
  /** Bytes. */
  readonly added: number;
  readonly taken: () => number;
}

/**
 * Whether the disk has room for a commit. A full one must be refused before LMDB meets it: lmdb-js 3.5.6 writes its words
 * on a failed write past the end of their buffer, and that may end the process.
 */
export const fits = ({ changes, added, taken }: CommitSize, space: DiskSpace | undefined): boolean => {
  if (space === undefined) return true;
  const pages = (space.freeBytes - 2 * added) / PAGE_BYTES - changes;
  return pages >= SPARE_PAGES || (pages >= FEW_PAGES && taken() > added);
};

/** As the system says it. */
export const fullDisk = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** Why no attempt should be taken now; undefined while there is space. */
export const diskTrouble = (space: DiskSpace | undefined): JournalDiskFullError | undefined => {
  if (space === undefined || space.freeBytes >= reserveBytes(space)) return undefined;
  const { freeBytes } = space;
  const keptBytes = Math.ceil(reserveBytes(space));
  const kib = (bytes: number) => `${Math.floor(bytes / 1024)} KiB`;
  return new JournalDiskFullError(
    `the disk of the data directory is full: ${kib(freeBytes)} are left, and ${kib(keptBytes)} are kept for results of jobs in hand`,
    {
      details: { freeBytes, keptBytes },
      advice:
        'Free space on the disk of the data directory: the node then takes jobs again by itself. What it has is delivered meanwhile.',
    },
  );
};
