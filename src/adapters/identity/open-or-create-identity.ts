// A first launch makes a key; any other launch must find it. The worst possible fault would be a new identity every time
// a disk is not mounted.
import type { Identity, IdentityStore } from './identity.js';
import { IdentityMissingError } from './identity-errors.js';

/**
 * @param options.hasOtherState whether the data directory holds anything of a node but a key
 * @param options.passphrase asked once, with what it is for
 * @throws IdentityMissingError when there is no key but other state; IdentityError of opening and creating
 */
export const openOrCreateIdentity = async (options: {
  readonly store: IdentityStore;
  readonly hasOtherState: () => Promise<boolean>;
  readonly passphrase: (purpose: 'open' | 'create') => Promise<string>;
}): Promise<{ readonly identity: Identity; readonly created: boolean }> => {
  const { store, hasOtherState, passphrase } = options;
  if (store.exists()) return { identity: await store.open(await passphrase('open')), created: false };
  if (await hasOtherState()) {
    throw new IdentityMissingError('the data directory holds the state of a node, but no key', {
      advice:
        'Is part of the data directory not mounted? Restore identity.json from your backup. For a new node, name an empty data directory (--data-dir).',
    });
  }
  return { identity: await store.create(await passphrase('create')), created: true };
};
