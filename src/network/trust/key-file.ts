// One private key in one file: plain hex, 0600. A devnet-grade store: whoever reads the file speaks for the network.
// A network that others rely on keeps its config keys offline and its online key in a KMS or HSM.
import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSigner, type NetworkSigner } from '../../protocol/signer.js';
import { NetworkKeysError } from './trust-errors.js';

const KEY = /^0x[0-9a-f]{64}\n?$/;
const OTHERS = 0o077;

/**
 * Writes a file that was not there, whole or not at all: a name is given to the bytes once they are on disk.
 * @returns false when a file of this name exists; it is left alone
 */
export const writeOnce = async (path: string, bytes: Uint8Array, mode: number): Promise<boolean> => {
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    await withFile(await open(draft, 'wx', mode), async (file) => {
      await file.writeFile(bytes);
      await file.sync();
    });
    await link(draft, path);
    return true;
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) return false;
    throw cause;
  } finally {
    await rm(draft, { force: true });
    await withFile(await open(dirname(path), 'r'), (directory) => directory.sync());
  }
};

const withFile = async (file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> => {
  try {
    await use(file);
  } finally {
    await file.close();
  }
};

/** The key in this file, made on the first call. @throws NetworkKeysError */
export const loadOrCreateKey = async (path: string): Promise<NetworkSigner> => {
  try {
    return await loadKey(path);
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cause;
  }
  await writeOnce(path, Buffer.from(`0x${randomBytes(32).toString('hex')}\n`), 0o600);
  return loadKey(path); // read back, for another process may have been first
};

/** @throws NetworkKeysError, or ENOENT as it came */
export const loadKey = async (path: string): Promise<NetworkSigner> => {
  const text = await readPrivate(path);
  if (!KEY.test(text)) throw broken(path, 'does not hold a key');
  try {
    return createSigner(text.trim());
  } catch {
    throw broken(path, 'does not hold a key of secp256k1'); // no cause: it would repeat the key
  }
};

const readPrivate = async (path: string): Promise<string> => {
  const { mode } = await lstat(path);
  if ((mode & OTHERS) !== 0 && process.platform !== 'win32') {
    throw new NetworkKeysError('open_to_others', `the key file ${path} can be read by others`, {
      advice: `Run: chmod 600 ${path}. If others had access to this machine, make a new network.`,
    });
  }
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new NetworkKeysError('unreadable', `the key file ${path} cannot be read`, {
      advice: 'Start the network as the user that owns it.',
      cause,
    });
  }
};

const broken = (path: string, what: string): NetworkKeysError =>
  new NetworkKeysError('malformed', `the file ${path} ${what}`, {
    advice: 'Restore it from a backup; nodes know this network by its first keys.',
  });

export const isCode = (caught: unknown, code: string): boolean =>
  caught instanceof Error && 'code' in caught && caught.code === code;
