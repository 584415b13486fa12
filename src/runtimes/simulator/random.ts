// Seeded randomness: the same words in always give the same numbers out, on every machine.
import { createHash } from 'node:crypto';

/** Numbers in [0, 1). */
export type Random = () => number;

/** sfc32 (PractRand's small fast counter): 128 bits of state, here taken from SHA-256 of the seed's parts. */
export const randomFrom = (...parts: readonly (string | number)[]): Random => {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
};

/** 32 hexadecimal digits that stand for the parts: used for ids that repeat when the request does. */
export const fingerprint = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
