// A small disk of its own for a data directory, which a test fills up and empties again.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KIB = 1024;

const mount = (place: string, mib: number): void => {
  mkdirSync(place, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0700`, 'tmpfs', place], { stdio: 'pipe' });
};
/** Lazily: whoever still holds a file in it is about to end. */
const unmount = (place: string): void => void execFileSync('umount', ['-l', place], { stdio: 'pipe' });

/** Why no disk can be made here; undefined where it can. */
export const smallDiskObstacle = (): string | undefined => {
  const place = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    mount(place, 1);
    unmount(place);
    return undefined;
  } catch {
    if (process.env.CI === 'true') throw new Error('the tests of full disks need root, to mount small ones');
    console.warn('SKIPPED: full disks are small ones mounted for the test, which needs root.');
    return 'no mount';
  } finally {
    rmdirSync(place);
  }
};

export interface SmallDisk {
  /** Leaves so much, as somebody else's file would. */
  fill(leftKib: number): void;
  /** The other's file is gone. */
  empty(): void;
  freeKib(): number;
  unmount(): void;
}

export const makeSmallDisk = (place: string, mib: number): SmallDisk => {
  mount(place, mib);
  const ballast = join(place, 'ballast');
  const freeKib = (): number => {
    const { bavail, bsize } = statfsSync(place);
    return (bavail * bsize) / KIB;
  };
  return {
    fill(leftKib) {
      const file = openSync(ballast, 'a');
      try {
        while (freeKib() > leftKib) writeSync(file, Buffer.alloc(4 * KIB));
      } catch (caught) {
        if (!(caught instanceof Error && 'code' in caught && caught.code === 'ENOSPC')) throw caught;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    freeKib,
    unmount: () => unmount(place),
  };
};
