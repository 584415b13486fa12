// What makes a signature belong to one network: its name, its EVM chain, and the digest of its first trust root.
import { bytes32Of, digestToBytes32 } from './digest.js';
import type { Bytes32, Digest } from './primitives.js';

export interface NetworkId {
  /** e.g. `devnet`, `testnet`, `mainnet` */
  readonly name: string;
  /** EIP-155 chain id the network settles on */
  readonly chainId: number;
  /** Digest of the network's first root document; it never changes when keys rotate. */
  readonly genesis: Digest;
}

/** SHA-256(name ‖ 0x00 ‖ genesis bytes): the `salt` of the EIP-712 domain and the `network` field of every envelope. */
export const networkSalt = (network: NetworkId): Bytes32 =>
  bytes32Of(network.name, new Uint8Array(1), Buffer.from(digestToBytes32(network.genesis).slice(2), 'hex'));

/** EIP-712 domain. Two networks differ in it even if someone reuses a chain id. */
export const signingDomain = (network: NetworkId) => ({
  name: 'Resultity Node',
  version: '1',
  chainId: network.chainId,
  salt: networkSalt(network),
});
