// An identity without a disk, from a given private key. For tests.
import type { Identity, IdentityStore } from './identity.js';
import { IdentityExistsError, IdentityMissingError, PassphraseWrongError } from './identity-errors.js';
import { identityOf } from './private-identity.js';

/**
 * @param privateKey 32 bytes as `0x` hex: what `create` makes
 * @param existing passphrase of the key, when it is there from the start
 */
export const createMemoryIdentityStore = (privateKey: string, existing?: string): IdentityStore => {
  let locked = existing;
  return {
    exists: () => locked !== undefined,
    async open(passphrase): Promise<Identity> {
      if (locked === undefined) throw new IdentityMissingError('there is no key');
      if (passphrase !== locked) throw new PassphraseWrongError('the passphrase does not open the key');
      return identityOf(privateKey);
    },
    async create(passphrase): Promise<Identity> {
      if (locked !== undefined) throw new IdentityExistsError('there is a key already');
      locked = passphrase;
      return identityOf(privateKey);
    },
  };
};
