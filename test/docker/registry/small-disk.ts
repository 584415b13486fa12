// A file system of its own that a test can fill up: on a loop device, or in memory where there is none.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SmallDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly kind: 'ext4' | 'tmpfs';
  /** Takes all its space but this. */
  fill(leaveBytes: number): Promise<void>;
  /** Gives back what was taken. */
  relieve(): Promise<void>;
  /** Unmounts it, even while something still looks at it, and removes all that was on it. */
  remove(): Promise<void>;
}

const run = promisify(execFile);

const mountLoop = async (home: string, path: string, bytes: number): Promise<void> => {
  const file = join(home, 'disk.img');
  await writeFile(file, '');
  await truncate(file, bytes);
  await run('mkfs.ext4', ['-q', '-m', '0', file]);
  await run('mount', ['-o', 'loop', file, path]);
};

const mountMemory = async (path: string, bytes: number): Promise<void> => {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
};

/** @throws Error of `mount` where nothing can be mounted */
export const mountSmallDisk = async (bytes: number): Promise<SmallDisk> => {
  const home = await mkdtemp(join(tmpdir(), 'rn-disk-'));
  const path = join(home, 'mounted');
  const ballast = join(path, 'ballast');
  await mkdir(path);
  let kind: SmallDisk['kind'] = 'ext4';
  try {
    await mountLoop(home, path, bytes).catch(async () => {
      kind = 'tmpfs';
      await mountMemory(path, bytes);
    });
  } catch (cause) {
    await rm(home, { recursive: true, force: true });
    throw cause;
  }
  return {
    path,
    kind,
    async fill(leaveBytes) {
      const { bavail, bsize } = await statfs(path);
      await run('fallocate', ['--length', `${bavail * bsize - leaveBytes}`, ballast]);
    },
    relieve: () => rm(ballast),
    async remove() {
      await run('umount', ['--lazy', path]);
      await rm(home, { recursive: true, force: true });
    },
  };
};
