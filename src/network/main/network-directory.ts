// The network's place on disk: private, held by one process, gone with the process whatever ends it.
import { constants, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { z } from 'zod';
import { NetworkDirectoryError, NetworkRunningError } from './network-errors.js';
import type { NetworkPaths } from './network-paths.js';

const PRIVATE = 0o700;
const OTHERS = 0o077;
const holder = z.object({ pid: z.int().min(1) });

/**
 * Makes the directory if it is missing, checks that it is private and writable, and locks it.
 * @returns gives the lock back
 * @throws NetworkDirectoryError, NetworkRunningError
 */
export const holdNetworkDirectory = async (paths: NetworkPaths): Promise<() => Promise<void>> => {
  await checkDirectory(paths.root);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(paths.lock, flags, 0o600).catch((cause: unknown) => {
    throw unusable(paths.root, 'cannot be written', cause);
  });
  if (!tryLock(file.fd)) {
    const who = await readHolder(file);
    await file.close();
    throw new NetworkRunningError(`${who} runs the network in ${paths.root}`, {
      advice:
        "Stop it first ('resultity-node network status' shows it), or give this one its own --data-dir.",
    });
  }
  await file.truncate(0);
  await file.write(`${JSON.stringify({ pid: process.pid })}\n`, 0);
  return async () => {
    // The file stays: removing it would let two processes hold two files of the same name.
    unlock(file.fd);
    await file.close();
  };
};

const checkDirectory = async (root: string): Promise<void> => {
  try {
    await mkdir(root, { recursive: true, mode: PRIVATE });
  } catch (cause) {
    throw unusable(root, 'cannot be made', cause);
  }
  const { uid, mode } = await stat(root);
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw unusable(root, `belongs to another user (uid ${uid})`);
  }
  if ((mode & OTHERS) !== 0 && process.platform !== 'win32') {
    throw new NetworkDirectoryError(
      `the data directory ${root} can be entered by others (mode ${(mode & 0o777).toString(8)})`,
      { advice: `It holds the network's keys. Run: chmod 700 ${root}` },
    );
  }
};

const unusable = (root: string, why: string, cause?: unknown): NetworkDirectoryError =>
  new NetworkDirectoryError(`the data directory ${root} ${why}`, {
    advice: 'Name a directory of this user with --data-dir, on a local disk.',
    cause,
  });

const readHolder = async (file: FileHandle): Promise<string> => {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return `process ${holder.parse(JSON.parse(buffer.toString('utf8', 0, bytesRead))).pid}`;
  } catch {
    return 'another process'; // read between truncate and write
  }
};
