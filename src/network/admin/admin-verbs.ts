// What an operator can ask of a running network, as one table: the server answers it, the commands and the page call it,
// and all check what they are given. Amounts are micro-credits (1 credit = 1,000,000) as decimal strings, times Unix ms.
import { z } from 'zod';
import { PAGE_VERBS } from './verbs/page-verbs.js';
import { receiptVerbs } from './verbs/receipt-verbs.js';
import { none } from './verbs/verb-atoms.js';

export const ADMIN_VERBS = {
  ...PAGE_VERBS,
  ...receiptVerbs,
  /** Where the network's page is; its token is in the data directory, and not in the answer. */
  'page.show': {
    input: none,
    output: z.object({
      /** Null: it is not served. */
      url: z.string().nullable(),
      /** Why it is not. */
      reason: z.string().nullable(),
      advice: z.string().nullable(),
    }),
  },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type AdminVerb = keyof typeof ADMIN_VERBS;
export type AdminInput<V extends AdminVerb> = z.input<(typeof ADMIN_VERBS)[V]['input']>;
export type AdminOutput<V extends AdminVerb> = z.output<(typeof ADMIN_VERBS)[V]['output']>;

/** What stands behind each verb; its input has passed the schema, defaults filled in. */
export type AdminHandlers = {
  readonly [V in AdminVerb]: (
    input: z.output<(typeof ADMIN_VERBS)[V]['input']>,
  ) => AdminOutput<V> | Promise<AdminOutput<V>>;
};
