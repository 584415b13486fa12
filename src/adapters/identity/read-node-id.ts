// The node id without the passphrase: the key file names its address in the clear.
import { join } from 'node:path';
import { getAddress } from 'ethers/address';
import { IdentityMalformedError, IdentityMissingError } from './identity-errors.js';
import { keyFileExists, readKeyFile } from './key-file.js';
import { parseKeystore } from './keystore-format.js';

/**
 * @param dir the data directory
 * @returns the checksummed address
 * @throws IdentityError with advice
 */
export const readNodeId = async (dir: string): Promise<string> => {
  const path = join(dir, 'identity.json');
  if (!keyFileExists(path)) {
    throw new IdentityMissingError(`there is no key in ${dir}`, {
      advice: 'Make one with `resultity-node init`, or name the data directory with --data-dir.',
    });
  }
  const keystore = parseKeystore(await readKeyFile(path));
  if (typeof keystore === 'string') {
    throw new IdentityMalformedError(`the key file ${path} is no keystore the node opens: ${keystore}`, {
      advice: 'Restore the key file from your backup.',
    });
  }
  return getAddress(`0x${keystore.address.replace(/^0x/, '')}`);
};
