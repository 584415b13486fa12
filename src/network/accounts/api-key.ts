// The form of an API key: `rk-` + 8 + `-` + 8 hex digits, as the public website shows it, is its name; a key by itself
// would be guessable with 64 bits that are printed everywhere, so 128 secret bits follow.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../protocol/digest.js';

const FORM = /^(rk-[0-9a-f]{8}-[0-9a-f]{8})-[0-9a-f]{32}$/;

export interface NewApiKey {
  /** Public: may be shown, logged, and used to revoke. */
  readonly keyId: string;
  /** The whole key, for the client; never stored. */
  readonly secret: string;
}

export const newApiKey = (): NewApiKey => {
  const id = randomBytes(8).toString('hex');
  const keyId = `rk-${id.slice(0, 8)}-${id.slice(8)}`;
  return { keyId, secret: `${keyId}-${randomBytes(16).toString('hex')}` };
};

/** The public part of a whole key; undefined when it does not have the form of one. */
export const keyIdOf = (secret: string): string | undefined => FORM.exec(secret)?.[1];

/** What is stored of a key. A fast hash is enough: 128 random bits cannot be tried out. */
export const fingerprintOf = (secret: string): string => sha256(secret).toString('hex');

/** Constant time. @param fingerprint 64 hex digits, or undefined for a key nobody has: as slow as any other */
export const fits = (secret: string, fingerprint: string | undefined): boolean => {
  const known = Buffer.from(fingerprint ?? '0'.repeat(64), 'hex');
  return timingSafeEqual(sha256(secret), known) && fingerprint !== undefined;
};
