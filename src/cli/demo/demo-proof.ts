// What the demo proves at its end: every accepted result was signed by the node, verified here once more, settled in the
// network's ledger, and acknowledged, so that the node keeps nothing.
import type { AdminClient } from '../../network/admin/admin-client.js';
import type { AdminOutput } from '../../network/admin/admin-verbs.js';
import type { NetworkId } from '../../protocol/network-id.js';
import { type Receipt, receiptHash } from '../../protocol/receipt.js';
import { recoverSigner, sameAddress } from '../../protocol/signature.js';

export interface ReceiptProof {
  readonly job: string;
  readonly model: string;
  readonly tokens: string;
  readonly totalMs: number;
  /** The receipt's number in the node's chain. */
  readonly seq: number;
  readonly verified: boolean;
  /** Micro-credits. */
  readonly charged: bigint;
}

export interface DemoProof {
  readonly receipts: readonly ReceiptProof[];
  readonly jobs: AdminOutput<'jobs'>['jobs'];
  readonly charged: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
}

const isSignedBy = (network: NetworkId, receipt: Receipt, signature: string): boolean => {
  try {
    return sameAddress(recoverSigner(receiptHash(network, receipt), signature), receipt.node);
  } catch {
    return false;
  }
};

/** Gathers the paid jobs' receipts and checks each signature anew. */
export const proveDemo = async (
  admin: AdminClient,
  namespace: string,
  network: NetworkId,
): Promise<DemoProof> => {
  const { jobs } = await admin.call('jobs', { limit: 1_000 });
  const { entries } = await admin.call('ledger', { limit: 10_000 });
  const { accounts } = await admin.call('accounts.list', {});
  const paid = jobs.filter((job) => job.kind === 'paid');
  const receipts: ReceiptProof[] = [];
  for (const { job } of paid) {
    const shown = await admin.call('receipts.show', { job });
    const settled = entries.find((entry) => entry.job === job && entry.kind === 'settle');
    for (const { receipt, signature } of shown.receipts) {
      receipts.push({
        job,
        model: receipt.model,
        tokens: `${receipt.prompt_tokens}+${receipt.completion_tokens}`,
        totalMs: receipt.total_ms,
        seq: receipt.seq,
        verified: isSignedBy(network, receipt, signature),
        charged: abs(BigInt(settled?.amount ?? '0')),
      });
    }
  }
  const balance = accounts
    .flatMap((account) => account.namespaces)
    .find((one) => one.namespace === namespace);
  return {
    receipts: receipts.sort((one, other) => one.seq - other.seq),
    jobs: paid,
    charged: receipts.reduce((sum, one) => sum + one.charged, 0n),
    available: BigInt(balance?.available ?? '0'),
    reserved: BigInt(balance?.reserved ?? '0'),
  };
};

const abs = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
