// Where a container's engine puts its socket: a directory of the Agent's that the container sees, so that the two need no
// network. Found again after a restart, for its name follows from what runs.
import { chmod, chown, lstat, mkdir, readdir, realpath, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectorySource } from '../runtime-host/container-spec.js';
import { RuntimeStartError } from './runtime-errors.js';

/** The directory is the host's own, or a volume the Agent sees too, when it runs in a container itself. */
export type SocketPlace =
  /** Holds one directory per spec. */
  | { readonly kind: 'bind'; readonly base: string }
  /** Mounted whole: it holds the one socket. @param directory where the Agent has it mounted */
  | { readonly kind: 'volume'; readonly name: string; readonly directory: string };

export interface SocketDirectory {
  readonly path: string;
  readonly socketPath: string;
  readonly source: DirectorySource;
}

/**
 * sun_path holds 107 bytes, and some of the engines' libraries less: Node 20 cuts a longer path off in silence and listens
 * elsewhere.
 */
const MAX_SOCKET_PATH_BYTES = 90;
const SOCKET = 'engine.sock';
/** Told from the directories of processes, whose leftovers are found by a record in them. */
const NAME = /^c[0-9a-f]{12}$/;

/**
 * The directory for this spec, private, and `uid` may write there.
 * @param uid the engine's user
 * @throws RuntimeStartError `directory`: too long a path, somebody else's, or none can be had
 */
export const openSocketDirectory = async (
  place: SocketPlace,
  specHash: string,
  uid: number,
): Promise<SocketDirectory> => {
  const base = place.kind === 'bind' ? place.base : place.directory;
  try {
    if (place.kind === 'bind') {
      await mkdir(base, { recursive: true, mode: 0o700 });
      await closeToOthers(base, ownUid());
    }
    const root = await realpath(base);
    const path = place.kind === 'bind' ? join(root, nameOf(specHash)) : root;
    const socketPath = checkedLength(join(path, SOCKET));
    await mkdir(path, { recursive: true, mode: 0o700 });
    await closeToOthers(path, uid);
    return {
      path,
      socketPath,
      source: place.kind === 'bind' ? { kind: 'bind', hostPath: path } : { kind: 'volume', name: place.name },
    };
  } catch (cause) {
    if (cause instanceof RuntimeStartError) throw cause;
    throw refuse('the engine has no directory for its socket', base, {
      advice: `Make ${base} a directory the Agent's user can write to.`,
      cause,
    });
  }
};

/** An engine cannot listen where a socket file lies already; the one of an engine that runs is not touched by this. */
export const removeStaleSocket = async ({ socketPath }: SocketDirectory): Promise<void> => {
  await rm(socketPath, { recursive: true, force: true });
};

/** After its container is gone. A volume stays, for it is not ours. */
export const removeSocketDirectory = async (
  place: SocketPlace,
  directory: SocketDirectory,
): Promise<void> => {
  if (place.kind === 'volume') await unlink(directory.socketPath).catch(() => {});
  else await rm(directory.path, { recursive: true, force: true });
};

/** Removes the directories of all specs but these. */
export const removeOtherSocketDirectories = async (
  place: SocketPlace,
  keep: readonly string[],
): Promise<void> => {
  if (place.kind === 'volume') return;
  const kept = new Set(keep.map(nameOf));
  const entries = await readdir(place.base, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || !NAME.test(entry.name) || kept.has(entry.name)) continue;
    await rm(join(place.base, entry.name), { recursive: true, force: true });
  }
};

const nameOf = (specHash: string): string => `c${specHash.slice('sha256:'.length).slice(0, 12)}`;

const ownUid = (): number => process.getuid?.() ?? 0;

const checkedLength = (socketPath: string): string => {
  const bytes = Buffer.byteLength(socketPath);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return socketPath;
  throw refuse(
    `the path of the engine's socket has ${bytes} bytes, and ${MAX_SOCKET_PATH_BYTES} are the most`,
    socketPath,
    {
      advice:
        'Set runtime.socketDirectory to a directory with a shorter path, or move the data directory to one.',
    },
  );
};

/** @param uid whose it shall be: only root can give a directory away */
const closeToOthers = async (path: string, uid: number): Promise<void> => {
  const found = await lstat(path);
  if (!found.isDirectory() || (found.uid !== uid && found.uid !== ownUid())) {
    throw refuse(`${path} is a link or belongs to somebody else`, path, {
      advice: "Remove it, or set runtime.socketDirectory to a directory of the Agent's own.",
    });
  }
  if (found.uid !== uid) await chown(path, uid, found.gid);
  await chmod(path, 0o700);
};

const refuse = (
  message: string,
  path: string,
  { advice, cause }: { readonly advice: string; readonly cause?: unknown },
): RuntimeStartError =>
  new RuntimeStartError(message, {
    advice,
    details: { reason: 'directory', path },
    ...(cause !== undefined && { cause }),
  });
