// The identity on disk: one encrypted key file, written once, proven readable before anybody learns the address.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity, IdentityStore } from './identity.js';
import {
  IdentityMalformedError,
  IdentityUnreadableError,
  PassphraseUnusableError,
  PassphraseWrongError,
} from './identity-errors.js';
import { lockKey, type ScryptCost, STANDARD_SCRYPT, unlockKey } from './key-cipher.js';
import { keyFileExists, readKeyFile, removeNewKeyFile, writeNewKeyFile } from './key-file.js';
import { EMPTY_FILE, parseKeystore } from './keystore-format.js';
import { identityOf } from './private-identity.js';

const RESTORE = 'Restore the key file from your backup. The node makes no new key in place of this one.';

/** @throws IdentityError */
const openKeyFile = async (path: string, passphrase: string): Promise<Identity> => {
  const keystore = parseKeystore(await readKeyFile(path));
  const malformed = (why: string, cause?: unknown) =>
    new IdentityMalformedError(`the key file ${path} is no keystore the node opens: ${why}`, {
      cause,
      advice:
        why === EMPTY_FILE
          ? 'If its creation was cut short it never held a key: remove it. Otherwise restore your backup.'
          : RESTORE,
    });
  if (typeof keystore === 'string') throw malformed(keystore);
  const unlocked = await unlockKey(keystore, passphrase).catch((cause: unknown) => {
    throw malformed('it cannot be decrypted', cause);
  });
  if (unlocked === 'other-address') throw malformed('it holds the key of another address than it names');
  if (unlocked === 'wrong-passphrase') {
    throw new PassphraseWrongError(`the passphrase does not open the key file ${path}`, {
      advice:
        'Check which passphrase the node was given (--passphrase-file); if it is right, the file was altered: restore it from your backup.',
    });
  }
  return identityOf(unlocked.privateKey);
};

/**
 * The key file `<dir>/identity.json`, Web3 Secret Storage v3.
 * @param options.dir the data directory
 * @param options.scrypt cost of a new key file; {@link STANDARD_SCRYPT} unless told. Opening obeys the file, within limits
 */
export const createIdentityStore = (options: {
  readonly dir: string;
  readonly scrypt?: ScryptCost;
}): IdentityStore => {
  const { dir, scrypt = STANDARD_SCRYPT } = options;
  const path = join(dir, 'identity.json');
  return {
    exists: () => keyFileExists(path),
    open: (passphrase) => openKeyFile(path, passphrase),
    async create(passphrase) {
      if (passphrase === '') throw new PassphraseUnusableError('the passphrase is empty');
      const privateKey = `0x${randomBytes(32).toString('hex')}`;
      const { nodeId } = identityOf(privateKey);
      const text = await lockKey({ address: nodeId, privateKey }, passphrase, scrypt);
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await writeNewKeyFile(path, text);
      try {
        const readBack = await openKeyFile(path, passphrase);
        if (readBack.nodeId !== nodeId) throw new IdentityMalformedError('it reads back as another key');
        return readBack;
      } catch (cause) {
        await removeNewKeyFile(path);
        throw new IdentityUnreadableError(`the new key file ${path} did not read back and was removed`, {
          cause,
          advice: 'Check the disk of the data directory. Nothing was registered with this key.',
        });
      }
    },
  };
};
