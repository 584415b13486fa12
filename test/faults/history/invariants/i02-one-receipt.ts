// An attempt has one receipt, in whoever's books and however often it was sent.
import type { Invariant } from '../invariant.js';
import { seenReceipts } from '../seen-receipts.js';

export const oneReceipt: Invariant = {
  id: 'I2',
  rule: 'at most one receipt body for an attempt, ever',
  evidence: (history) => seenReceipts(history).length,
  violations: (history) => {
    const bodies = new Map<string, Set<string>>();
    for (const { receipt, digest } of seenReceipts(history)) {
      const name = `${receipt.job} ${receipt.attempt}`;
      bodies.set(name, (bodies.get(name) ?? new Set()).add(digest));
    }
    return [...bodies]
      .filter(([, digests]) => digests.size > 1)
      .map(([name, digests]) => `attempt ${name} has ${digests.size} receipts: ${[...digests].join(', ')}`);
  },
};
