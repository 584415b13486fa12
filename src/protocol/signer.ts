// A key behind typed requests: it signs envelopes, statements and receipts, and nothing can hand it a bare digest.
import { hashMessage } from 'ethers/hash';
import { computeAddress } from 'ethers/transaction';
import type { NetworkId } from './network-id.js';
import type { Address, Bytes32, SignatureHex } from './primitives.js';
import { type Receipt, receiptHash } from './receipt.js';
import { publicKeyOfPrivate, signDigest } from './signature.js';
import { type Envelope, envelopeHash, type Statement, statementHash } from './typed-data.js';

/** A node's side of signing. */
export interface NodeSigner {
  readonly address: Address;
  signEnvelope(network: NetworkId, envelope: Omit<Envelope, 'node'>): SignatureHex;
  signReceipt(network: NetworkId, receipt: Receipt): SignatureHex;
}

/** A network role's side of signing. */
export interface NetworkSigner {
  readonly address: Address;
  signStatement(network: NetworkId, statement: Statement): SignatureHex;
}

/** An owner's wallet: EIP-191 text, which is what wallets show to a person. */
export interface OwnerSigner {
  readonly address: Address;
  signText(text: string): SignatureHex;
}

/**
 * @param privateKey 32 bytes as `0x` hex
 * Nonces are deterministic (RFC 6979): the same request gives the same signature.
 */
export const createSigner = (privateKey: string): NodeSigner & NetworkSigner & OwnerSigner => {
  const key = Buffer.from(privateKey.slice(2), 'hex');
  const address = computeAddress(publicKeyOfPrivate(privateKey));
  const sign = (digest: Bytes32): SignatureHex => signDigest(digest, key);
  return {
    address,
    signEnvelope: (network, envelope) => sign(envelopeHash(network, { ...envelope, node: address })),
    signReceipt: (network, receipt) => sign(receiptHash(network, receipt)),
    signStatement: (network, statement) => sign(statementHash(network, statement)),
    signText: (text) => sign(hashMessage(text)),
  };
};
