// Every receipt a node has signed and shown, by its number. Two digests under one number, or a `previous` that does
// not fit, is a forked book of account.
import { z } from 'zod';
import { count, digest, millis, ulid } from '../../protocol/primitives.js';
import type { Receipt } from '../../protocol/receipt.js';
import type { NetworkStore } from '../store/store.js';

const receiptLink = z.object({ digest, previous: digest, job: ulid, attempt: count, seen_ms: millis });
export type ReceiptLink = z.infer<typeof receiptLink>;

export interface ReceiptChain {
  link(node: string, seq: number): ReceiptLink | undefined;
  /**
   * Notes a receipt at once in memory.
   * @returns writes it; to be called inside the store transaction that carries the verdict
   */
  note(receipt: Receipt, receiptDigest: string, nowMs: number): () => void;
  /** The transaction of a noted receipt is on disk: memory may forget it. */
  settled(receipt: Receipt): void;
}

/** Sixteen digits hold every safe integer. */
const keyOf = (node: string, seq: number): string => `${node.toLowerCase()}:${String(seq).padStart(16, '0')}`;

export const createReceiptChain = (store: NetworkStore): ReceiptChain => {
  const table = store.table('receipts', receiptLink);
  const unsettled = new Map<string, ReceiptLink>();
  return {
    link: (node, seq) => unsettled.get(keyOf(node, seq)) ?? table.get(keyOf(node, seq)),
    note: (receipt, receiptDigest, nowMs) => {
      const key = keyOf(receipt.node, receipt.seq);
      const { previous, job, attempt } = receipt;
      const link = { digest: receiptDigest, previous, job, attempt, seen_ms: nowMs };
      unsettled.set(key, link);
      return () => table.put(key, link);
    },
    settled: (receipt) => void unsettled.delete(keyOf(receipt.node, receipt.seq)),
  };
};
