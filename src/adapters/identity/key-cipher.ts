// Locks and unlocks a private key with a passphrase. The key derivation runs in Node's thread pool: ethers' own, in
// JavaScript, would hold the event loop in slices for as long as it takes.
import { scrypt as nodeScrypt } from 'node:crypto';
import { scrypt } from 'ethers/crypto';
import { isError } from 'ethers/utils';
import { decryptKeystoreJson, encryptKeystoreJson } from 'ethers/wallet';
import type { Keystore } from './keystore-format.js';

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What geth and ethers call standard: 128 MiB and some tenths of a second. */
export const STANDARD_SCRYPT: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

// Memory scrypt needs, by RFC 7914: 128·r·N for the table, 128·r·p for the blocks; doubled, for the limit is only a guard.
const memoryLimit = (N: number, r: number, p: number): number => 256 * r * (N + p + 2);

scrypt.register(
  (passphrase, salt, N, r, p, keyLength) =>
    new Promise((resolve, reject) => {
      nodeScrypt(passphrase, salt, keyLength, { N, r, p, maxmem: memoryLimit(N, r, p) }, (error, key) => {
        if (error) reject(error);
        else resolve(`0x${key.toString('hex')}`);
      });
    }),
);

/** @returns the text of a version 3 keystore */
export const lockKey = (
  account: { readonly address: string; readonly privateKey: string },
  passphrase: string,
  cost: ScryptCost,
): Promise<string> => encryptKeystoreJson(account, passphrase, { scrypt: { ...cost } });

/** @returns the private key as `0x` hex, `wrong-passphrase`, or `other-address` when the file names another address */
export const unlockKey = async (
  keystore: Keystore,
  passphrase: string,
): Promise<{ readonly privateKey: string } | 'wrong-passphrase' | 'other-address'> => {
  try {
    const { privateKey } = await decryptKeystoreJson(JSON.stringify(keystore), passphrase);
    return { privateKey };
  } catch (caught) {
    if (isError(caught, 'INVALID_ARGUMENT')) {
      if (caught.argument === 'password') return 'wrong-passphrase';
      if (caught.argument === 'address') return 'other-address';
    }
    throw caught;
  }
};
