// Whole files, old or new, whatever happens in between: written beside the target under a random name, brought to the
// disk, then renamed over it.
import { constants, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ulid } from 'ulid';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { adviceFor, StateReadError, StateWriteError, systemCode } from './state-errors.js';

/** Beside the file it is to become; {@link sweepLeftovers} knows it. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${ulid()}.tmp`);
const isTemporaryOf = (path: string, name: string): boolean =>
  name.startsWith(`.${basename(path)}.`) && name.endsWith('.tmp');

/**
 * Replaces `path`, or makes it. When it throws, `path` still holds the old bytes — or, if only the directory could not
 * be brought to the disk, already the new ones.
 * @param options.mode of the file, 0600 unless told
 * @throws StateWriteError with the system's reason as cause
 */
export const writeFileDurably = async (
  path: string,
  bytes: Uint8Array,
  options: { readonly mode?: number; readonly disk?: DiskSteps } = {},
): Promise<void> => {
  const { mode = 0o600, disk = realDisk } = options;
  const temporary = temporaryName(path);
  try {
    await disk.writeNew(temporary, bytes, mode);
    await disk.rename(temporary, path);
    await disk.syncDirectory(dirname(path));
  } catch (cause) {
    // Best effort: a leftover is swept at the next start, and the reason to tell is the first one.
    await disk.remove(temporary).catch(() => undefined);
    throw new StateWriteError(`cannot write ${path}: ${systemCode(cause) ?? 'unknown reason'}`, {
      cause,
      advice: adviceFor(cause),
      details: { path },
    });
  }
};

/**
 * @returns the bytes, or undefined when there is no such file
 * @throws StateReadError when it is not a plain file, is larger than `maxBytes`, or cannot be read
 */
export const readIfThere = async (path: string, maxBytes: number): Promise<Buffer | undefined> => {
  const refuse = (why: string, cause?: unknown): StateReadError =>
    new StateReadError(`cannot read ${path}: ${why}`, { cause, advice: adviceFor(cause), details: { path } });
  try {
    // O_NONBLOCK: a pipe in the file's place must not hang the node.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw refuse('not a plain file');
      if (found.size > maxBytes) throw refuse(`${found.size} bytes, and at most ${maxBytes} are expected`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (caught) {
    if (caught instanceof StateReadError) throw caught;
    if (systemCode(caught) === 'ENOENT') return undefined;
    throw refuse(systemCode(caught) ?? 'unknown reason', caught);
  }
};

/** Removes what interrupted writes of `path` left behind. Only the holder of the data directory may call it. */
export const sweepLeftovers = async (path: string, disk: DiskSteps = realDisk): Promise<void> => {
  const names = await readdir(dirname(path)).catch(() => []);
  await Promise.all(
    names.filter((name) => isTemporaryOf(path, name)).map((name) => disk.remove(join(dirname(path), name))),
  );
};
