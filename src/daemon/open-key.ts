// The node's key by the owner's rules: made at the very first start, found at every other.

import type { Identity } from '../adapters/identity/identity.js';
import { createIdentityStore } from '../adapters/identity/keystore-identity.js';
import { openOrCreateIdentity } from '../adapters/identity/open-or-create-identity.js';
import { obtainPassphrase } from '../adapters/identity/passphrase.js';
import { terminalPrompt } from '../adapters/identity/passphrase-prompt.js';
import type { Config } from '../config.js';

export interface OpenedKey {
  readonly identity: Identity;
  readonly created: boolean;
  /** For the owner, about where the passphrase lies. */
  readonly warning: string | undefined;
}

/**
 * @param hasOtherState whether the data directory holds anything of a node but a key
 * @throws IdentityError with advice
 */
export const openKey = async (
  config: Pick<Config, 'dataDir' | 'passphraseFile' | 'passphrase'>,
  hasOtherState: () => Promise<boolean>,
): Promise<OpenedKey> => {
  let warning: string | undefined;
  const { identity, created } = await openOrCreateIdentity({
    store: createIdentityStore({ dir: config.dataDir }),
    hasOtherState,
    passphrase: async (purpose) => {
      const found = await obtainPassphrase({
        purpose,
        dir: config.dataDir,
        file: config.passphraseFile,
        text: config.passphrase?.reveal(),
        prompt: terminalPrompt(),
        mayGenerate: true,
      });
      warning = found.warning;
      return found.text;
    },
  });
  return { identity, created, warning };
};
