// An owner's wallet from a keystore file, for owners who claim from the command line. Held only as long as the command.
import { createSigner, type OwnerSigner } from '../../protocol/signer.js';
import { IdentityMalformedError, PassphraseWrongError } from './identity-errors.js';
import { unlockKey } from './key-cipher.js';
import { parseKeystore } from './keystore-format.js';

/** @param text of a Web3 Secret Storage v3 file; @throws IdentityError */
export const openOwnerWallet = async (text: string, passphrase: string): Promise<OwnerSigner> => {
  const keystore = parseKeystore(text);
  if (typeof keystore === 'string') throw new IdentityMalformedError(`this is no keystore file: ${keystore}`);
  const unlocked = await unlockKey(keystore, passphrase);
  if (typeof unlocked === 'string') {
    throw new PassphraseWrongError('the passphrase does not open the wallet’s keystore file', {
      advice: 'Check the passphrase file: all of it counts but one newline at its end.',
    });
  }
  const { address, signText } = createSigner(unlocked.privateKey);
  return { address, signText };
};
