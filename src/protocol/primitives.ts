// The atoms of every schema on the wire: integers JSON can carry, digests, addresses, ids, nonces.
import { z } from 'zod';

/** Integer 0..2^53−1. */
export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Milliseconds since the Unix epoch, or a duration; the field's name says which. */
export const millis = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** `sha256:` and 64 lower-case hex digits. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'not a sha256 digest');
/** 32 bytes as `0x` and 64 lower-case hex digits. */
export const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, 'not 32 bytes in lower-case hex');
/** An EVM address; compared without regard to case, shown checksummed (EIP-55). */
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'not an EVM address');
/** r ‖ s ‖ v, 65 bytes, lower-case hex; see `signature.ts` for the canonical form. */
export const signatureHex = z
  .string()
  .regex(/^0x[0-9a-f]{130}$/, 'not a 65-byte signature in lower-case hex');
/** ULID, upper-case Crockford base 32. */
export const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'not a ULID');
/** A model's public name, e.g. `gemma-3-270m`; never used as a path. */
export const modelId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'not a model id');
/** A network's name, e.g. `devnet`; also a folder name, hence the narrow alphabet. */
export const networkName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'not a network name');
/** A short code from a documented list; unknown ones must be tolerated. */
export const code = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'not a code');
/** Text that is hashed: no half of a surrogate pair, which no UTF-8 can carry. @param max UTF-16 code units */
export const wellFormedText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^\P{Surrogate}*$/u, 'not well-formed Unicode');
/** Text for a person; bounded, shown escaped. */
export const text = z.string().max(500);

export type Address = string;
export type Digest = string;
export type Bytes32 = string;
export type SignatureHex = string;

export const ZERO_BYTES32 = `0x${'0'.repeat(64)}`;
export const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

/** An address as EIP-712 encodes it: its value. A false EIP-55 checksum from a stranger is not worth an exception. */
export const addressValue = (one: Address): Address => one.toLowerCase();
