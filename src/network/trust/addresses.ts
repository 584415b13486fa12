// What the network derives from a stranger's public key or address. The only file of the network that needs ethers.
import { getAddress } from 'ethers/address';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { Address } from '../../protocol/primitives.js';

/**
 * The node id of a public key, checksummed (EIP-55).
 * @param publicKey uncompressed, `0x04` + 128 hex
 * @returns undefined when the bytes are not a point of secp256k1
 */
export const addressOfPublicKey = (publicKey: string): Address | undefined => {
  try {
    return computeAddress(SigningKey.computePublicKey(publicKey, false));
  } catch {
    return undefined;
  }
};

/** The same address, checksummed (EIP-55). @param address `0x` + 40 hex in any case */
export const checksummed = (address: Address): Address => getAddress(address.toLowerCase());
