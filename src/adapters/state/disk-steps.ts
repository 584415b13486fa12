// The few steps a durable write is made of, so that a test can let each one fail on a real disk.
import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';

export interface DiskSteps {
  /** Makes a file that must not exist, writes it whole and brings it to the disk. */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Brings a directory's names to the disk: without it a rename may be forgotten by a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Removes a file; one that is not there is no fault. */
  remove(path: string): Promise<void>;
}

const closing = async <T>(file: FileHandle, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } finally {
    await file.close();
  }
};

export const realDisk: DiskSteps = {
  async writeNew(path, bytes, mode) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(path, flags, mode);
    await closing(file, async () => {
      await file.writeFile(bytes);
      await file.sync();
    });
  },
  rename,
  async syncDirectory(path) {
    const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await closing(directory, () => directory.sync());
  },
  remove: (path) => rm(path, { force: true }),
};
