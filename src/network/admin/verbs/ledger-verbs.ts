// Who pays and what has moved: accounts, API keys, deposits, entries of the ledger. Amounts are micro-credits.
import { z } from 'zod';
import { millis, ulid } from '../../../protocol/primitives.js';
import { ledgerEntry, microCredits } from '../../ledger/ledger.js';
import { limit, name, next, wholeLimit } from './verb-atoms.js';

/** available + reserved + charged = deposited. */
const balance = z.object({
  namespace: z.string(),
  available: microCredits,
  reserved: microCredits,
  charged: microCredits,
  deposited: microCredits,
});

const accountRow = z.object({
  account: z.string(),
  name: z.string(),
  created_ms: millis,
  namespaces: z.array(balance),
});

const keyRow = z.object({
  key: z.string(),
  namespace: z.string(),
  /** What may be shown of the secret. */
  hint: z.string(),
  created_ms: millis,
  revoked_ms: millis.nullable(),
});

export const ledgerVerbs = {
  /** Oldest first within an answer; `before` is how to get at those that came earlier. */
  ledger: {
    input: z.strictObject({ limit, job: ulid.optional(), before: ulid.optional() }),
    output: z.object({ entries: z.array(ledgerEntry), next }),
  },
  'accounts.create': { input: z.strictObject({ name }), output: accountRow },
  'accounts.list': {
    input: z.strictObject({ limit: wholeLimit, after: name.optional() }),
    output: z.object({ accounts: z.array(accountRow), next }),
  },
  deposit: {
    input: z.strictObject({ namespace: name, amount: z.string().regex(/^[1-9][0-9]{0,29}$/) }),
    output: balance,
  },
  'keys.create': {
    input: z.strictObject({ namespace: name }),
    /** The secret is shown once and kept nowhere. */
    output: keyRow.extend({ secret: z.string() }),
  },
  'keys.list': {
    input: z.strictObject({ limit: wholeLimit, after: name.optional() }),
    output: z.object({ keys: z.array(keyRow), next }),
  },
  'keys.revoke': { input: z.strictObject({ key: name }), output: keyRow },
} as const;
