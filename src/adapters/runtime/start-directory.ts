// One private directory per start: the engine's working directory, its socket and the record by which a later Agent
// finds what this one left behind.
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rm, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RuntimeStartError } from './runtime-errors.js';

/** sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL; the smaller one is kept everywhere. */
const MAX_SOCKET_PATH_BYTES = 103;
const SHORT_PREFIX = 'resultity-';
const SOCKET = 'engine.sock';

export interface StartDirectory {
  readonly path: string;
  readonly socketPath: string;
}

/**
 * A new directory below `base`, all of mode 0700. Where the socket's path would be too long, the socket alone goes
 * into a fresh directory of the system's temporary place.
 * @throws RuntimeStartError no private directory can be had
 */
export const createStartDirectory = async (base: string): Promise<StartDirectory> => {
  try {
    await mkdir(base, { recursive: true, mode: 0o700 });
    await ownPrivately(base);
    const path = join(await realpath(base), randomBytes(6).toString('hex'));
    await mkdir(path, { mode: 0o700 });
    return { path, socketPath: await socketPathFor(path) };
  } catch (cause) {
    if (cause instanceof RuntimeStartError) throw cause;
    throw new RuntimeStartError('the Runtime has no private directory', {
      cause,
      advice: `Make ${base} a directory the Agent's user can write to.`,
      details: { reason: 'directory', path: base },
    });
  }
};

/** Names of the directories of earlier starts. */
export const listStartDirectories = async (base: string): Promise<readonly string[]> => {
  try {
    const real = await realpath(base);
    const entries = await readdir(real, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(real, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** Removes the directory, and the short one its socket may have been in. Links are removed, never followed. */
export const removeStartDirectory = async (path: string, socketPath: string | undefined): Promise<void> => {
  await rm(path, { recursive: true, force: true });
  if (socketPath === undefined || dirname(socketPath) === path) return;
  const short = dirname(socketPath);
  if (basename(socketPath) !== SOCKET || !basename(short).startsWith(SHORT_PREFIX)) return;
  if (!(await isOwnDirectory(short))) return;
  await unlink(socketPath).catch(() => {}); // never bound, or removed by the engine
  await rmdir(short).catch(() => {}); // what else is in it is not ours to remove
};

const socketPathFor = async (path: string): Promise<string> => {
  const wanted = join(path, SOCKET);
  if (Buffer.byteLength(wanted) <= MAX_SOCKET_PATH_BYTES) return wanted;
  // mkdtemp makes a new directory of mode 0700 or fails, so nobody can have prepared a link.
  const short = await mkdtemp(join(await realpath(tmpdir()), SHORT_PREFIX));
  const shortened = join(short, SOCKET);
  if (Buffer.byteLength(shortened) <= MAX_SOCKET_PATH_BYTES) return shortened;
  await rmdir(short);
  throw new RuntimeStartError(
    `the path of the engine's socket is longer than ${MAX_SOCKET_PATH_BYTES} bytes`,
    {
      advice: 'Use a data directory, or a TMPDIR, with a shorter path.',
      details: { reason: 'directory', path: wanted, bytes: Buffer.byteLength(wanted) },
    },
  );
};

const ownPrivately = async (path: string): Promise<void> => {
  if (!(await isOwnDirectory(path))) {
    throw new RuntimeStartError(`${path} is a link or belongs to somebody else`, {
      advice: "Remove it, or give another data directory that is the Agent's own.",
      details: { reason: 'directory', path },
    });
  }
  await chmod(path, 0o700);
};

const isOwnDirectory = async (path: string): Promise<boolean> => {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
};
