// SHA-256 of exact bytes. Nothing is ever re-serialised to be hashed.
import { createHash } from 'node:crypto';
import type { Bytes32, Digest } from './primitives.js';

type Bytes = Uint8Array | string;

/** SHA-256 as 32 raw bytes; strings are hashed as UTF-8. Several parts are hashed as if concatenated. */
export const sha256 = (...parts: readonly Bytes[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** SHA-256 in the wire's form, `sha256:` + hex. */
export const digestOf = (...parts: readonly Bytes[]): Digest => `sha256:${sha256(...parts).toString('hex')}`;

/** The same 32 bytes as EIP-712 wants them, `0x` + hex. */
export const digestToBytes32 = (digest: Digest): Bytes32 => `0x${digest.slice('sha256:'.length)}`;

export const bytes32Of = (...parts: readonly Bytes[]): Bytes32 => `0x${sha256(...parts).toString('hex')}`;
