// EIP-712 digests with what never changes computed once: a struct's encoder, and the domain separator of each network.
// Half of the cost of a digest is in the domain, and a node signs and checks several for every job.
import { keccak256 } from 'ethers/crypto';
import { TypedDataEncoder, type TypedDataField } from 'ethers/hash';
import { concat } from 'ethers/utils';
import { type NetworkId, signingDomain } from './network-id.js';
import type { Bytes32 } from './primitives.js';

/** A process speaks to a handful of networks: their domain separators by name, chain and genesis. */
const separators = new Map<string, string>();

const separatorOf = (network: NetworkId): string => {
  const name = `${network.name} ${network.chainId} ${network.genesis}`;
  const known = separators.get(name);
  if (known !== undefined) return known;
  const separator = TypedDataEncoder.hashDomain(signingDomain(network));
  separators.set(name, separator);
  return separator;
};

/** keccak256(0x1901 ‖ domain separator ‖ hash of the struct), EIP-712. */
export const typedHash = (
  types: Record<string, TypedDataField[]>,
): ((network: NetworkId, message: Record<string, unknown>) => Bytes32) => {
  const encoder = TypedDataEncoder.from(types);
  return (network, message) => keccak256(concat(['0x1901', separatorOf(network), encoder.hash(message)]));
};
