// Accepted receipts with their signatures, kept for whoever wants to check them later.
import { z } from 'zod';
import { signatureHex } from '../../protocol/primitives.js';
import { type Receipt, receipt } from '../../protocol/receipt.js';
import type { NetworkStore } from '../store/store.js';

const signedReceipt = z.object({ receipt, signature: signatureHex });
export type SignedReceipt = z.infer<typeof signedReceipt>;

export interface ReceiptArchive {
  /** Only inside a store transaction: the one that carries the verdict. */
  keep(receipt: Receipt, signature: string): void;
  /** Receipts of a job, by attempt. */
  of(job: string): readonly SignedReceipt[];
}

export const createReceiptArchive = (store: NetworkStore): ReceiptArchive => {
  const table = store.table('signed_receipts', signedReceipt);
  return {
    // Ten digits: attempts are few, and keys sort as text.
    keep: (kept, signature) =>
      table.put(`${kept.job}:${String(kept.attempt).padStart(10, '0')}`, { receipt: kept, signature }),
    of: (job) => [...table.range({ start: `${job}:`, end: `${job};` })].map(({ value }) => value),
  };
};
