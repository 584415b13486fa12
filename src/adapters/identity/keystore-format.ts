// Which Web3 Secret Storage files the node opens: version 3, scrypt, AES-128-CTR, and no costlier than its limits. Checked
// before any key derivation, for the file itself names how much memory that takes.
// Source: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
import { z } from 'zod';

export const MAX_KEYSTORE_BYTES = 16 * 1024;

export const SCRYPT_LIMITS = { maxN: 2 ** 18, maxR: 8, maxP: 4 } as const;

/** Why a file with nothing in it is refused: what a power cut during creation may leave. */
export const EMPTY_FILE = 'the file is empty';

const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^(0x)?[0-9a-fA-F]{${bytes * 2}}$`), `not ${bytes} bytes in hex`);

const keystore = z.object({
  version: z.literal(3, 'only version 3 is known'),
  address: hex(20),
  id: z.string().max(64).optional(),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr', 'only aes-128-ctr is known'),
    cipherparams: z.object({ iv: hex(16) }),
    ciphertext: hex(32),
    kdf: z.literal('scrypt', 'only scrypt is known'),
    kdfparams: z.object({
      n: z
        .int()
        .min(2)
        .max(SCRYPT_LIMITS.maxN)
        .refine((n) => Number.isInteger(Math.log2(n)), 'not a power of two'),
      r: z.int().min(1).max(SCRYPT_LIMITS.maxR),
      p: z.int().min(1).max(SCRYPT_LIMITS.maxP),
      dklen: z.literal(32),
      salt: z.string().regex(/^(0x)?([0-9a-fA-F]{2}){1,128}$/, 'not hex'),
    }),
    mac: hex(32),
  }),
});
export type Keystore = z.infer<typeof keystore>;

/** Some tools write `Crypto`; both are read. */
const lowerCased = (json: unknown): unknown => {
  if (typeof json !== 'object' || json === null || !('Crypto' in json) || 'crypto' in json) return json;
  const { Crypto, ...rest } = json;
  return { ...rest, crypto: Crypto };
};

/**
 * @param text of the file, at most {@link MAX_KEYSTORE_BYTES}
 * @returns the keystore, or in words why it is refused (never quoting the file)
 */
export const parseKeystore = (text: string): Keystore | string => {
  if (Buffer.byteLength(text) > MAX_KEYSTORE_BYTES) return `larger than ${MAX_KEYSTORE_BYTES} bytes`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text.trim() === '' ? EMPTY_FILE : 'not JSON';
  }
  const parsed = keystore.safeParse(lowerCased(json));
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; ');
};
