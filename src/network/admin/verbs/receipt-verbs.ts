// Signed receipts, with all that anyone needs to check them. A file of its own: reading receipts takes the hashes of
// the protocol, which a browser's page does without.
import { z } from 'zod';
import { digest, signatureHex, ulid } from '../../../protocol/primitives.js';
import { receipt } from '../../../protocol/receipt.js';

const receiptRow = z.object({
  receipt,
  signature: signatureHex,
  /** Name of the receipt: `sha256:` and the hex of its EIP-712 digest. */
  digest,
  /** For any wallet library to recover the signer from: it must be `receipt.node`. */
  typed_data: z.object({
    domain: z.record(z.string(), z.unknown()),
    types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
    primaryType: z.literal('Receipt'),
    message: z.record(z.string(), z.unknown()),
  }),
});

export const receiptVerbs = {
  'receipts.show': {
    input: z.strictObject({ job: ulid }),
    output: z.object({ receipts: z.array(receiptRow) }),
  },
} as const;
