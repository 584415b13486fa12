// The receipts of a node are one chain from number 1 on.
import { NO_DIGEST } from '../../../../src/protocol/receipt.js';
import { groupBy, type Invariant } from '../invariant.js';
import { type SeenReceipt, seenReceipts } from '../seen-receipts.js';

const chainFaults = (node: string, receipts: readonly SeenReceipt[]): string[] => {
  const bySeq = new Map<number, Set<string>>();
  for (const { receipt, digest } of receipts) {
    bySeq.set(receipt.seq, (bySeq.get(receipt.seq) ?? new Set()).add(digest));
  }
  const digests = new Map(receipts.map((one) => [one.digest, one.receipt]));
  const wrong: string[] = [];
  const last = Math.max(...bySeq.keys());
  for (let seq = 1; seq <= last; seq++) {
    const found = bySeq.get(seq)?.size ?? 0;
    if (found !== 1) wrong.push(`node ${node} has ${found} receipts number ${seq}`);
  }
  for (const [digest, { seq, previous }] of digests) {
    const before = [...(bySeq.get(seq - 1) ?? [])];
    const fits = seq === 1 ? previous === NO_DIGEST : before.length === 0 || before.includes(previous);
    if (!fits) wrong.push(`receipt ${seq} of node ${node} (${digest}) does not follow number ${seq - 1}`);
  }
  return wrong;
};

export const receiptChain: Invariant = {
  id: 'I3',
  rule: 'receipts of a node are numbered without gap or fork, each naming the one before',
  evidence: (history) => seenReceipts(history).length,
  violations: (history) =>
    [...groupBy(seenReceipts(history), ({ receipt }) => receipt.node.toLowerCase())].flatMap(
      ([node, receipts]) => chainFaults(node, receipts),
    ),
};
