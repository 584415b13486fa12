// What the entries of a namespace add up to. Every entry moves an amount between these pots, and only a deposit brings
// anything in: available + reserved + charged = deposited, always.
import { z } from 'zod';
import type { LedgerEntry } from './ledger.js';

const amount = z.string().regex(/^[0-9]{1,30}$/);

export const storedBalance = z.object({
  deposited: amount,
  available: amount,
  reserved: amount,
  charged: amount,
});

export interface Balance {
  readonly deposited: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly charged: bigint;
}

export const EMPTY_BALANCE: Balance = { deposited: 0n, available: 0n, reserved: 0n, charged: 0n };

export const readBalance = (stored: z.infer<typeof storedBalance>): Balance => ({
  deposited: BigInt(stored.deposited),
  available: BigInt(stored.available),
  reserved: BigInt(stored.reserved),
  charged: BigInt(stored.charged),
});

export const writeBalance = (balance: Balance): z.infer<typeof storedBalance> => ({
  deposited: String(balance.deposited),
  available: String(balance.available),
  reserved: String(balance.reserved),
  charged: String(balance.charged),
});

/** The balance after one more entry. */
export const after = (
  balance: Balance,
  { kind, amount: text }: Pick<LedgerEntry, 'kind' | 'amount'>,
): Balance => {
  const moved = BigInt(text);
  const { deposited, available, reserved, charged } = balance;
  switch (kind) {
    case 'deposit':
      return { ...balance, deposited: deposited + moved, available: available + moved };
    case 'reserve':
      return { ...balance, available: available - moved, reserved: reserved + moved };
    case 'settle':
      return { ...balance, reserved: reserved - moved, charged: charged + moved };
    case 'release':
      return { ...balance, reserved: reserved - moved, available: available + moved };
  }
};
