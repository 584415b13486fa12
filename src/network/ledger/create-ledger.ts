// The ledger on the network's store. Entries are the truth; balances and earnings are their sums, kept beside them and
// changed in the same transaction, so that asking costs one read and a restart costs nothing.
import { decodeTime, monotonicFactory } from 'ulid';
import { z } from 'zod';
import { ulid } from '../../protocol/primitives.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import { after, type Balance, EMPTY_BALANCE, readBalance, storedBalance, writeBalance } from './balance.js';
import { type Ledger, type LedgerEntry, ledgerEntry, type Settlement } from './ledger.js';
import { InsufficientCreditsError, LedgerOrderError } from './ledger-errors.js';

/** Micro-credits per token. */
export interface TokenPrices {
  readonly promptToken: bigint;
  readonly completionToken: bigint;
}

export interface AuditedLedger extends Ledger {
  /** Adds every entry up again. @returns namespaces and nodes whose kept sum differs; empty when the books are right */
  audit(): readonly string[];
}

const reservation = z.object({
  namespace: z.string(),
  amount: z.string().regex(/^[0-9]{1,30}$/),
  state: z.enum(['held', 'settled', 'released']),
});
const earning = z.object({ total: z.string().regex(/^[0-9]{1,30}$/) });

/** The largest amount an entry can carry. */
const MAX_AMOUNT = 10n ** 27n;
const DEFAULT_ENTRIES = 100;

export const createLedger = (store: NetworkStore, prices: TokenPrices, clock: Clock): AuditedLedger => {
  const entries = store.table('ledger_entries', ledgerEntry);
  const byJob = store.table('ledger_by_job', z.object({ id: ulid }));
  const balances = store.table('ledger_balances', storedBalance);
  const reservations = store.table('ledger_reservations', reservation);
  const earnings = store.table('ledger_earnings', earning);

  const nextMonotonic = monotonicFactory();
  const [newest] = entries.range({ reverse: true, limit: 1 });
  let lastMs = newest === undefined ? 0 : decodeTime(newest.key) + 1;
  /** Entries sort in the order they were made, over restarts too and when the clock goes back. */
  const nextId = (): string => {
    lastMs = Math.max(lastMs, clock.nowMs());
    return nextMonotonic(lastMs);
  };

  const balanceOf = (namespace: string): Balance => {
    const held = balances.get(namespace);
    return held === undefined ? EMPTY_BALANCE : readBalance(held);
  };

  const append = (entry: Pick<LedgerEntry, 'kind' | 'namespace' | 'amount'> & Partial<LedgerEntry>): void => {
    const balance = after(balanceOf(entry.namespace), entry);
    if (balance.available < 0n || balance.reserved < 0n || balance.charged < 0n) {
      throw new Error(`a ${entry.kind} would make the balance of '${entry.namespace}' negative`);
    }
    const id = nextId();
    entries.put(id, {
      job: null,
      node: null,
      receipt_digest: null,
      usage: null,
      ...entry,
      id,
      at_ms: clock.nowMs(),
    });
    if (entry.job) byJob.put(`${entry.job}/${id}`, { id });
    balances.put(entry.namespace, writeBalance(balance));
  };

  const price = ({ prompt_tokens, completion_tokens }: Settlement['usage']): bigint =>
    BigInt(prompt_tokens) * prices.promptToken + BigInt(completion_tokens) * prices.completionToken;

  /** Gives what is left of a reservation back and closes it. */
  const close = (
    job: string,
    held: z.infer<typeof reservation>,
    charged: bigint,
    state: 'settled' | 'released',
  ): void => {
    const rest = BigInt(held.amount) - charged;
    if (rest > 0n) append({ kind: 'release', namespace: held.namespace, job, amount: String(rest) });
    reservations.put(job, { ...held, state });
  };

  return {
    deposit: async (namespace, amount) => {
      if (amount <= 0n || amount > MAX_AMOUNT || namespace === '') {
        throw new LedgerOrderError(`a deposit of ${amount} micro-credits to '${namespace}'`, {
          advice: 'Name a namespace and a whole number of micro-credits above 0 (1 credit = 1,000,000).',
        });
      }
      await store.transaction(() => append({ kind: 'deposit', namespace, amount: String(amount) }));
    },
    reserve: async (job, namespace, amount) => {
      if (amount < 0n || amount > MAX_AMOUNT) {
        throw new LedgerOrderError(`a reservation of ${amount} micro-credits`, {
          advice: 'This is a fault of the network; report it.',
        });
      }
      await store.transaction(() => {
        const held = reservations.get(job);
        if (held !== undefined) {
          if (held.namespace === namespace && BigInt(held.amount) === amount) return;
          throw new LedgerOrderError(`job ${job} has another reservation already`, {
            advice: 'This is a fault of the network; report it.',
          });
        }
        const { available } = balanceOf(namespace);
        if (available < amount) {
          throw new InsufficientCreditsError(
            `the job may cost ${amount} micro-credits; ${available} are available`,
            {
              advice: 'Add credits to the namespace, or ask for fewer tokens.',
              details: { needed: String(amount), available: String(available) },
            },
          );
        }
        append({ kind: 'reserve', namespace, job, amount: String(amount) });
        reservations.put(job, { namespace, amount: String(amount), state: 'held' });
      });
    },
    settleNow: ({ job, node, receiptDigest, usage }) => {
      const held = reservations.get(job);
      if (held?.state !== 'held') return undefined;
      const cost = price(usage);
      const limit = BigInt(held.amount);
      const charged = cost < limit ? cost : limit;
      const { prompt_tokens, completion_tokens } = usage;
      append({
        kind: 'settle',
        namespace: held.namespace,
        job,
        amount: String(charged),
        node,
        receipt_digest: receiptDigest,
        usage: { prompt_tokens, completion_tokens },
      });
      const earner = node.toLowerCase();
      const before = BigInt(earnings.get(earner)?.total ?? '0');
      earnings.put(earner, { total: String(before + charged) });
      close(job, held, charged, 'settled');
      return charged;
    },
    releaseNow: (job) => {
      const held = reservations.get(job);
      if (held?.state === 'held') close(job, held, 0n, 'released');
    },
    balance: (namespace) => {
      const { available, reserved } = balanceOf(namespace);
      return { available, reserved };
    },
    totals: balanceOf,
    earned: (node) => BigInt(earnings.get(node.toLowerCase())?.total ?? '0'),
    entries: ({ limit = DEFAULT_ENTRIES, job, before } = {}) => {
      const newest = { reverse: true, limit, exclusiveStart: true };
      if (job === undefined) {
        const range = before === undefined ? newest : { ...newest, start: before };
        return [...entries.range(range)].map(({ value }) => value).reverse();
      }
      const start = before === undefined ? `${job}0` : `${job}/${before}`;
      return [...byJob.range({ ...newest, start, end: `${job}/` })]
        .flatMap(({ value }) => entries.get(value.id) ?? [])
        .reverse();
    },
    price,
    audit: () => {
      const sums = new Map<string, Balance>();
      const earners = new Map<string, bigint>();
      for (const { value: entry } of entries.range()) {
        sums.set(entry.namespace, after(sums.get(entry.namespace) ?? EMPTY_BALANCE, entry));
        if (entry.kind === 'settle' && entry.node !== null) {
          const earner = entry.node.toLowerCase();
          earners.set(earner, (earners.get(earner) ?? 0n) + BigInt(entry.amount));
        }
      }
      const wrong: string[] = [];
      const keptSums = new Map([...balances.range()].map(({ key, value }) => [key, JSON.stringify(value)]));
      for (const [namespace, sum] of sums) {
        if (keptSums.get(namespace) !== JSON.stringify(writeBalance(sum))) wrong.push(namespace);
        keptSums.delete(namespace);
      }
      const keptEarnings = new Map([...earnings.range()].map(({ key, value }) => [key, BigInt(value.total)]));
      for (const [node, sum] of earners) {
        if (keptEarnings.get(node) !== sum) wrong.push(node);
        keptEarnings.delete(node);
      }
      return [...wrong, ...keptSums.keys(), ...keptEarnings.keys()];
    },
  };
};
