// Takes hold of an engine's socket file, so that what is looked at is what is connected to. Whoever runs in the engine's
// container may write to its directory: a file that is checked by name and then connected to by name may have become
// a link to another socket of the host in between.
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';

export interface HeldSocket {
  /** To connect to: the very file that was looked at. */
  readonly path: string;
  release(): void;
}

/** From Linux's `fcntl.h`: the file itself, not what it leads to. Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * @param ownerUid who must own it, where that is known
 * @throws Error with code NOT_A_SOCKET, FOREIGN_SOCKET, or the system's own
 */
export const holdSocket = (path: string, ownerUid: number | undefined): HeldSocket => {
  if (process.platform !== 'linux') {
    assertEngineSocket(lstatSync(path), path, ownerUid);
    return { path, release: () => {} };
  }
  const descriptor = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    assertEngineSocket(fstatSync(descriptor), path, ownerUid);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { path: `/proc/self/fd/${descriptor}`, release: () => closeSync(descriptor) };
};

/** A link, a pipe or somebody else's socket in the engine's place is not connected to. */
const assertEngineSocket = (file: Stats, path: string, ownerUid: number | undefined): void => {
  if (!file.isSocket()) throw Object.assign(new Error(`${path} is not a socket`), { code: 'NOT_A_SOCKET' });
  if (ownerUid === undefined || file.uid === ownerUid) return;
  throw Object.assign(new Error(`${path} belongs to uid ${file.uid}`), { code: 'FOREIGN_SOCKET' });
};
