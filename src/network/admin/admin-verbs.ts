// What an operator can ask of a running network, as one table: the server answers it, the commands call it, and both
// check what they are given. Amounts are micro-credits (1 credit = 1,000,000) as decimal strings, times Unix ms.
import { z } from 'zod';
import { jobMode } from '../../protocol/messages/jobs.js';
import {
  orderInForce,
  orderNote,
  orderOutcome,
  orderTime,
  orderVerb,
} from '../../protocol/messages/orders.js';
import { endpoint } from '../../protocol/openai/endpoint.js';
import {
  address,
  count,
  digest,
  millis,
  networkName,
  signatureHex,
  ulid,
} from '../../protocol/primitives.js';
import { receipt } from '../../protocol/receipt.js';
import { ledgerEntry, microCredits } from '../ledger/ledger.js';

const none = z.strictObject({});
const name = z.string().min(1).max(64);
const limit = count.min(1).max(10_000).default(50);

const configRef = z.object({ version: count, digest });

const nodeRow = z.object({
  node: address,
  label: z.string().nullable(),
  /** How it is owned, never by whom. */
  owner: z.enum(['wallet', 'email']).nullable(),
  standing: z.string(),
  /** Why the standing is not active, where it is not. */
  reason: z.string().nullable(),
  online: z.boolean(),
  /** The order to rest it follows, whoever gave it; null while it takes jobs. */
  order: orderInForce.nullable(),
  agent_version: z.string(),
  /** Active in its last heartbeat. */
  models: z.array(z.string()),
  /** Attempts in force. */
  jobs: count,
  strikes: count,
  earned: microCredits,
  last_seen_ms: millis,
});

const attemptRow = z.object({
  attempt: count,
  node: address,
  state: z.string(),
  code: z.string().nullable(),
});

const jobRow = z.object({
  job: ulid,
  kind: z.enum(['paid', 'blind']),
  namespace: z.string(),
  endpoint,
  model: z.string(),
  mode: jobMode,
  state: z.string(),
  created_ms: millis,
  finished_ms: millis.nullable(),
  attempts: z.array(attemptRow),
});

const balance = z.object({ namespace: z.string(), available: microCredits, reserved: microCredits });

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

const configView = configRef.extend({ snapshot: z.looseObject({ kind: z.literal('config') }) });

const receiptRow = z.object({
  receipt,
  signature: signatureHex,
  /** Name of the receipt: `sha256:` and the hex of its EIP-712 digest. */
  digest,
  /** For any wallet library to recover the signer from: it must be `receipt.node`. */
  typed_data: z.object({
    domain: z.record(z.string(), z.unknown()),
    types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
    primaryType: z.literal('Receipt'),
    message: z.record(z.string(), z.unknown()),
  }),
});

export const ADMIN_VERBS = {
  status: {
    input: none,
    output: z.object({
      name: networkName,
      chain_id: count,
      genesis: digest,
      url: z.string(),
      data_dir: z.string(),
      pid: count,
      started_ms: millis,
      config: configRef.nullable(),
      models: z.array(z.object({ id: z.string(), nodes: count })),
      nodes: z.object({ registered: count, online: count }),
      jobs: z.record(z.string(), count),
    }),
  },
  nodes: { input: none, output: z.object({ nodes: z.array(nodeRow) }) },
  /** Answered by the node itself. */
  'nodes.order': {
    input: z.strictObject({
      node: address,
      verb: orderVerb,
      note: orderNote.optional(),
      until_ms: orderTime.optional(),
    }),
    output: z.object({ node: address, outcome: orderOutcome, reason: z.string().nullable() }),
  },
  jobs: { input: z.strictObject({ limit }), output: z.object({ jobs: z.array(jobRow) }) },
  ledger: {
    input: z.strictObject({ limit, job: ulid.optional() }),
    output: z.object({ entries: z.array(ledgerEntry) }),
  },
  'accounts.create': { input: z.strictObject({ name }), output: accountRow },
  'accounts.list': { input: none, output: z.object({ accounts: z.array(accountRow) }) },
  deposit: {
    input: z.strictObject({ namespace: name, amount: z.string().regex(/^[1-9][0-9]{0,29}$/) }),
    output: balance,
  },
  'keys.create': {
    input: z.strictObject({ namespace: name }),
    /** The secret is shown once and kept nowhere. */
    output: keyRow.extend({ secret: z.string() }),
  },
  'keys.list': { input: none, output: z.object({ keys: z.array(keyRow) }) },
  'keys.revoke': { input: z.strictObject({ key: name }), output: keyRow },
  'config.show': { input: none, output: z.object({ config: configView.nullable() }) },
  /** The operator's file as it is, JSON or YAML. */
  'config.publish': { input: z.strictObject({ draft: z.string().max(1024 * 1024) }), output: configView },
  'receipts.show': {
    input: z.strictObject({ job: ulid }),
    output: z.object({ receipts: z.array(receiptRow) }),
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

/** Body of every answer that is not a success. */
export const adminFailure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    advice: z.string().optional(),
  }),
});
