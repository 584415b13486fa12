// Money, append-only: a reservation when a job is admitted, a settlement when its result is accepted, a release otherwise.
// Amounts are integers of micro-credits (1 credit = 1,000,000), strings on disk and wire.
import { z } from 'zod';
import { count, digest, millis, ulid } from '../../protocol/primitives.js';

export const microCredits = z.string().regex(/^-?[0-9]{1,30}$/);

export const ledgerEntry = z.object({
  /** ULID: entries sort by time. */
  id: ulid,
  at_ms: millis,
  kind: z.enum(['deposit', 'reserve', 'settle', 'release']),
  /** Billing scope (a namespace of one account). */
  namespace: z.string(),
  job: ulid.nullable(),
  amount: microCredits,
  /** Settlements only: who earned it and by which receipt. */
  node: z.string().nullable(),
  receipt_digest: digest.nullable(),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullable(),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

export interface Settlement {
  readonly job: string;
  readonly node: string;
  readonly receiptDigest: string;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

export interface Ledger {
  /** @param amount above 0. @throws LedgerOrderError */
  deposit(namespace: string, amount: bigint): Promise<void>;
  /** @throws InsufficientCreditsError when available balance is too small; idempotent per job, for the same amount (else LedgerOrderError) */
  reserve(job: string, namespace: string, amount: bigint): Promise<void>;
  /**
   * Charges what the usage costs (never more than was reserved) and releases the rest, once per job.
   * Meant to be called inside a store transaction together with the job's own record: both or neither.
   * @returns the charged amount, or undefined when the job was settled or released before, or never reserved
   */
  settleNow(settlement: Settlement): bigint | undefined;
  /** Like {@link settleNow}, for a job that ends without an accepted result. */
  releaseNow(job: string): void;
  balance(namespace: string): { readonly available: bigint; readonly reserved: bigint };
  /** What became of all that was deposited: available + reserved + charged = deposited. */
  totals(namespace: string): {
    readonly deposited: bigint;
    readonly available: bigint;
    readonly reserved: bigint;
    readonly charged: bigint;
  };
  earned(node: string): bigint;
  /** The newest `limit` (100 unless told) entries before `before` (an entry's id), of one job or of all; oldest first. */
  entries(options?: {
    readonly limit?: number;
    readonly job?: string | undefined;
    readonly before?: string | undefined;
  }): readonly LedgerEntry[];
  /** Price of a usage in micro-credits. */
  price(usage: Settlement['usage']): bigint;
}
