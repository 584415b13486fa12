// The code in a mail: 8 digits (26 bits; ASVS 5.0 6.5.4 asks for 20) from the system's generator, stored salted.
// A hash of 8 digits can be searched through: it keeps codes out of backups' plain sight, and ten minutes do the rest.
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { sha256 } from '../../protocol/digest.js';

export const storedCode = z.object({
  kind: z.literal('email'),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type StoredCode = z.infer<typeof storedCode>;

/** Cryptographically strong. */
export type RandomBytes = (size: number) => Buffer;

const CODES = 100_000_000;
/** The largest multiple of {@link CODES} in 32 bits: numbers from there on would favour small codes. */
const FAIR_BELOW = 42 * CODES;

export const newCode = (randomBytes: RandomBytes): { readonly code: string; readonly stored: StoredCode } => {
  let number = FAIR_BELOW;
  while (number >= FAIR_BELOW) number = randomBytes(4).readUInt32BE();
  const code = String(number % CODES).padStart(8, '0');
  const salt = randomBytes(16).toString('hex');
  return { code, stored: { kind: 'email', salt, sha256: hash(salt, code).toString('hex') } };
};

/** Constant time. */
export const isCode = (stored: StoredCode, code: string): boolean =>
  timingSafeEqual(hash(stored.salt, code), Buffer.from(stored.sha256, 'hex'));

const hash = (salt: string, code: string): Buffer => sha256(`${salt}:${code}`);

export const codeMail = (code: string, node: string, network: string, minutes: number) => ({
  subject: 'Your code to claim a Resultity node',
  text: [
    `Someone asked to add a node to your account on the Resultity network "${network}".`,
    '',
    `Node: ${node}`,
    `Code: ${code}`,
    '',
    `If it was you, type the code where you started the node. It works once, for ${minutes} minutes.`,
    'If not, do nothing: without the code the node is not added. Tell the code to nobody.',
    '',
  ].join('\n'),
});
