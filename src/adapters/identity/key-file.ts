// The key file as the operating system sees it: whose it is, who may read it, and that it reached the disk.
import { constants, lstatSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  IdentityExistsError,
  IdentityMalformedError,
  IdentityMissingError,
  IdentityPermissionsError,
  IdentityUnreadableError,
} from './identity-errors.js';
import { MAX_KEYSTORE_BYTES } from './keystore-format.js';

const codeOf = (caught: unknown): string =>
  caught instanceof Error && 'code' in caught ? String(caught.code) : 'unknown reason';

const unreadable = (path: string, cause: unknown): IdentityUnreadableError =>
  new IdentityUnreadableError(`cannot use the key file ${path}: ${codeOf(cause)}`, {
    cause,
    advice:
      'Check the disk and the rights of the data directory. The node makes no new key in place of this one.',
  });

/** Whether anything is there, a dangling link too. @throws IdentityUnreadableError when even that cannot be seen */
export const keyFileExists = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw unreadable(path, cause);
  }
};

const checkOwner = async (path: string, file: FileHandle): Promise<void> => {
  const found = await file.stat();
  const refuse = (why: string, advice: string) =>
    new IdentityPermissionsError(`the key file ${path} ${why}`, { advice });
  if (!found.isFile()) throw refuse('is not a plain file', 'Put the key file itself in its place.');
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) {
    throw refuse(
      `belongs to user ${found.uid}, and the node runs as user ${uid}`,
      `Run the node as the user that made the key, or run \`chown ${uid} ${path}\`.`,
    );
  }
  if ((found.mode & 0o077) !== 0) {
    throw refuse(
      `may be read or changed by other users (mode ${(found.mode & 0o777).toString(8)})`,
      `Run \`chmod 600 ${path}\`. If others could have copied the file, retire this node.`,
    );
  }
  if (found.size > MAX_KEYSTORE_BYTES) {
    throw new IdentityMalformedError(`the key file ${path} is larger than ${MAX_KEYSTORE_BYTES} bytes`, {
      advice: 'Restore the key file from your backup.',
    });
  }
};

/** @throws IdentityMissingError, IdentityPermissionsError, IdentityUnreadableError, IdentityMalformedError (too large) */
export const readKeyFile = async (path: string): Promise<string> => {
  let file: FileHandle | undefined;
  try {
    // O_NONBLOCK: a pipe in the file's place must not hang the node.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    await checkOwner(path, file);
    return await file.readFile('utf8');
  } catch (caught) {
    if (caught instanceof IdentityPermissionsError || caught instanceof IdentityMalformedError) throw caught;
    switch (codeOf(caught)) {
      case 'ENOENT':
        throw new IdentityMissingError(`there is no key file ${path}`, {
          cause: caught,
          advice: 'Is the disk mounted? Restore the key file from your backup.',
        });
      case 'ELOOP':
        throw new IdentityPermissionsError(`the key file ${path} is a symbolic link`, {
          cause: caught,
          advice: 'Put the key file itself in its place, or point --data-dir at the real directory.',
        });
      default:
        throw unreadable(path, caught);
    }
  } finally {
    await file?.close();
  }
};

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

/**
 * Writes a file that must not exist, for its owner alone, down to the disk. A write that fails leaves no file.
 * @throws IdentityExistsError, IdentityUnreadableError
 */
export const writeNewKeyFile = async (path: string, text: string): Promise<void> => {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let file: FileHandle;
  try {
    file = await open(path, flags, 0o600);
  } catch (caught) {
    if (codeOf(caught) !== 'EEXIST') throw unreadable(path, caught);
    throw new IdentityExistsError(`there is a key file ${path} already`, {
      cause: caught,
      advice: 'It is not overwritten: move it to a safe place first if this really is to be a new node.',
    });
  }
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(path));
  } catch (caught) {
    await removeNewKeyFile(path);
    throw unreadable(path, caught);
  }
};

/** Takes a key file back that was made a moment ago and has been shown to nobody. */
export const removeNewKeyFile = (path: string): Promise<void> =>
  rm(path, { force: true }).catch(() => undefined);
