// The key file as the operating system sees it: whose it is, who may read it, and that it reached the disk.
import { constants, lstatSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { temporaryName } from '../state/durable-file.js';
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

const exists = (path: string, cause: unknown): IdentityExistsError =>
  new IdentityExistsError(`there is a key file ${path} already`, {
    cause,
    advice: 'It is not overwritten: move it to a safe place first if this really is to be a new node.',
  });

const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Gives the draft its name, unless somebody has it. @throws IdentityExistsError */
const nameDraft = async (draft: string, path: string, linkFile: typeof link): Promise<void> => {
  try {
    await linkFile(draft, path);
  } catch (caught) {
    if (codeOf(caught) === 'EEXIST') throw exists(path, caught);
    if (!NO_HARD_LINKS.has(codeOf(caught))) throw caught;
    // Such a file system has no way to fail on an existing name; that one process holds the directory must do.
    if (keyFileExists(path)) throw exists(path, caught);
    await rename(draft, path);
  }
};

/**
 * Writes a file that must not exist, for its owner alone, down to the disk: it appears whole or not at all, whenever the
 * process is killed. What an interrupted write leaves is swept by the next holder of the data directory.
 * @param linkFile for tests: file systems differ in what they say to a hard link
 * @throws IdentityExistsError, IdentityUnreadableError
 */
export const writeNewKeyFile = async (
  path: string,
  text: string,
  linkFile: typeof link = link,
): Promise<void> => {
  if (keyFileExists(path)) throw exists(path, undefined);
  const draft = temporaryName(path);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(draft, flags, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await nameDraft(draft, path, linkFile);
    await removeNewKeyFile(draft);
  } catch (caught) {
    await removeNewKeyFile(draft);
    if (caught instanceof IdentityExistsError) throw caught;
    throw unreadable(path, caught);
  }
  try {
    await syncDirectory(dirname(path));
  } catch (caught) {
    await removeNewKeyFile(path);
    throw unreadable(path, caught);
  }
};

/** Takes a key file back that was made a moment ago and has been shown to nobody. */
export const removeNewKeyFile = (path: string): Promise<void> =>
  rm(path, { force: true }).catch(() => undefined);
