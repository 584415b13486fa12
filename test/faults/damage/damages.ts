// What disks, owners and power cuts do to the bytes of a file: each a kind with a name, and a seed decides the rest.
import { scaled, seededRandom } from '../scale.js';

export interface Damage {
  readonly kind: string;
  readonly bytes: Buffer;
}

type Random = (below: number) => number;
type Kind = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const flipBit = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

const anyOf = (others: readonly Buffer[], random: Random): Buffer =>
  others[random(others.length)] ?? Buffer.alloc(0);

/** Sizes in which disks and file systems lose things, down to what fits into a small file. */
const blockSize = (bytes: Buffer, random: Random): number =>
  [512, 4096, 16, 64].filter((size) => size <= bytes.length)[random(4)] ?? Math.max(1, bytes.length >> 2);

const KINDS: Readonly<Record<string, Kind>> = {
  'bit flipped': (bytes, random) => flipBit(bytes, random(bytes.length * 8)),
  'byte changed': (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random(bytes.length);
    copy[at] = ((copy[at] ?? 0) + 1 + random(255)) & 0xff;
    return copy;
  },
  'cut short': (bytes, random) => bytes.subarray(0, random(bytes.length)),
  'block zeroed': (bytes, random) => {
    const size = blockSize(bytes, random);
    const at = random(Math.ceil(bytes.length / size)) * size;
    return Buffer.from(bytes).fill(0, at, Math.min(at + size, bytes.length));
  },
  'other file in its place': (_bytes, random, others) => Buffer.from(anyOf(others, random)),
  'block of another file': (bytes, random, others) => {
    const copy = Buffer.from(bytes);
    const size = blockSize(bytes, random);
    const at = random(Math.ceil(bytes.length / size)) * size;
    copy.set(anyOf(others, random).subarray(at, Math.min(at + size, bytes.length)), at);
    return copy;
  },
  'garbage appended': (bytes, random) =>
    Buffer.concat([bytes, Buffer.from(Array.from({ length: 1 + random(64) }, () => random(256)))]),
};

/** Every bit once and every length once, as far as the suite's share goes. */
export function* everyDamage(bytes: Buffer): Generator<Damage> {
  const stride = bytes.length / scaled(bytes.length);
  for (let at = 0; at < bytes.length; at += stride) {
    const place = Math.floor(at);
    for (let bit = 0; bit < 8; bit++) yield { kind: 'bit flipped', bytes: flipBit(bytes, place * 8 + bit) };
    yield { kind: 'cut short', bytes: bytes.subarray(0, place) };
  }
}

/**
 * `count` seeded damages, every kind in turn; those that happen to change nothing are left out.
 * @param others what else may lie in the file's place: other kinds of files, older ones, another node's
 */
export function* anyDamage(
  name: string,
  bytes: Buffer,
  count: number,
  others: readonly Buffer[],
): Generator<Damage> {
  const random = seededRandom(name);
  const kinds = Object.entries(KINDS).filter(([kind]) => others.length > 0 || !kind.includes('other'));
  for (let number = 0; number < scaled(count); number++) {
    const [kind, damage] = kinds[number % kinds.length] ?? [];
    if (kind === undefined || damage === undefined) continue;
    const damaged = damage(bytes, random, others);
    if (!damaged.equals(bytes)) yield { kind, bytes: damaged };
  }
}
