// The text an owner's wallet shows and signs to claim a node: ERC-4361 (Sign-In with Ethereum), built from stored
// fields. The network compares the exact string, so no parser is needed.
import { getAddress } from 'ethers/address';
import { hashMessage } from 'ethers/hash';
import { expectSigner } from './message-codec.js';
import { type Address, addressValue, type SignatureHex } from './primitives.js';
import { recoverSigner } from './signature.js';

export interface OwnerConsent {
  /** Host of the account portal, e.g. `account.resultity.com`. */
  readonly domain: string;
  readonly uri: string;
  readonly owner: Address;
  readonly node: Address;
  readonly network: string;
  readonly chainId: number;
  /** At least 8 alphanumeric characters (ERC-4361); ours has 128 bits. */
  readonly nonce: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** The ERC-4361 text. Addresses are shown checksummed (EIP-55), as the standard demands, however they came. */
export const ownerConsentText = (consent: OwnerConsent): string => {
  const owner = getAddress(addressValue(consent.owner));
  const node = getAddress(addressValue(consent.node));
  return [
    `${consent.domain} wants you to sign in with your Ethereum account:`,
    owner,
    '',
    `Claim the Resultity node ${node} on ${consent.network} for this account.`,
    '',
    `URI: ${consent.uri}`,
    'Version: 1',
    `Chain ID: ${consent.chainId}`,
    `Nonce: ${consent.nonce}`,
    `Issued At: ${new Date(consent.issuedMs).toISOString()}`,
    `Expiration Time: ${new Date(consent.expiresMs).toISOString()}`,
    'Resources:',
    `- urn:resultity:node:${node}`,
  ].join('\n');
};

/** @throws ProtocolError `signature_invalid` unless the owner's key signed exactly this text (EIP-191) */
export const verifyOwnerConsent = (text: string, signature: SignatureHex, owner: Address): void => {
  expectSigner(recoverSigner(hashMessage(text), signature), [owner], 'the consent');
};
