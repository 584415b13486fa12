// Handlers with fixed answers, to try the socket and the commands without a network behind them.

import { NotFoundError } from '../../../src/network/admin/admin-errors.js';
import type { AdminHandlers } from '../../../src/network/admin/admin-verbs.js';
import { type Receipt, receiptTypedData } from '../../../src/protocol/receipt.js';

export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const JOB = '01JD3Q9V6Y5T0M8K2N4P6R8S0W';
export const NODE = '0x52908400098527886E0F7030069857D2E4169EE7';
const MS = Date.UTC(2026, 10, 23, 7, 0, 0);

export const RECEIPT: Receipt = {
  job: JOB,
  attempt: 1,
  node: NODE,
  session: `0x${'1'.repeat(64)}`,
  config_version: 3,
  config_digest: DIGEST,
  model: 'tiny',
  model_digest: DIGEST,
  runtime_digest: DIGEST,
  agent_version: '0.1.0',
  request_digest: DIGEST,
  output_digest: DIGEST,
  output_bytes: 12,
  stream_head: `0x${'2'.repeat(64)}`,
  chunk_count: 1,
  prompt_tokens: 3,
  completion_tokens: 2,
  finish_reason: 'stop',
  outcome: 'completed',
  accepted_ms: MS,
  queue_ms: 1,
  first_token_ms: 20,
  total_ms: 90,
  seq: 0,
  previous: DIGEST,
};

const balance = {
  namespace: 'acme',
  available: '25500000',
  reserved: '1',
  charged: '4',
  deposited: '25500005',
};
const snapshot = { kind: 'config' as const, models: [{ id: 'tiny' }] };

/** @property deposits and drafts what was asked for */
export const fakeHandlers = () => {
  const asked: { deposits: unknown[]; drafts: string[]; limits: number[]; orders: unknown[] } = {
    deposits: [],
    drafts: [],
    limits: [],
    orders: [],
  };
  const handlers: AdminHandlers = {
    status: () => ({
      name: 'devnet',
      chain_id: 31337,
      genesis: DIGEST,
      url: 'http://127.0.0.1:7530',
      data_dir: '/srv/network',
      pid: 42,
      started_ms: MS,
      now_ms: MS,
      config: { version: 3, digest: DIGEST },
      models: [{ id: 'tiny', nodes: 1 }],
      nodes: { registered: 2, online: 1 },
      jobs: { queued: 1, running: 2 },
    }),
    'nodes.order': (order) => {
      asked.orders.push(order);
      return order.note === 'refuse'
        ? { node: order.node, outcome: 'refused', reason: 'owner_order' }
        : { node: order.node, outcome: 'done', reason: null };
    },
    nodes: () => ({
      nodes: [
        {
          node: NODE,
          label: 'cellar \u001b[31m',
          owner: 'wallet',
          standing: 'active',
          reason: null,
          until_ms: null,
          online: true,
          out_of_rotation: ['paused'],
          order: { kind: 'pause', by: 'owner', since_ms: MS, until_ms: MS, note: 'gaming \u001b[31m' },
          agent_version: '0.1.0',
          models: ['tiny'],
          jobs: 1,
          strikes: 0,
          earned: '1500000',
          registered_ms: MS,
          last_seen_ms: MS,
          session: null,
        },
      ],
      next: null,
    }),
    jobs: ({ limit }) => {
      asked.limits.push(limit);
      return {
        jobs: [
          {
            job: JOB,
            kind: 'paid',
            namespace: 'acme',
            endpoint: 'chat.completions',
            model: 'tiny',
            mode: 'stream',
            state: 'completed',
            created_ms: MS,
            expires_ms: MS + 60_000,
            finished_ms: MS + 90,
            code: null,
            usage: { prompt_tokens: 3, completion_tokens: 2 },
            receipt_digest: DIGEST,
            attempts: [
              {
                attempt: 1,
                node: NODE,
                state: 'completed',
                code: null,
                offered_ms: MS,
                accepted_ms: MS + 1,
                verdict: 'accepted',
                verdict_code: null,
              },
            ],
          },
        ],
        next: null,
      };
    },
    ledger: () => ({
      entries: [
        {
          id: JOB,
          at_ms: MS,
          kind: 'settle',
          namespace: 'acme',
          job: JOB,
          amount: '-9',
          node: NODE,
          receipt_digest: DIGEST,
          usage: { prompt_tokens: 3, completion_tokens: 2 },
        },
      ],
      next: null,
    }),
    'accounts.create': ({ name }) => ({ account: 'a1', name, created_ms: MS, namespaces: [balance] }),
    'accounts.list': () => ({
      accounts: [{ account: 'a1', name: 'Acme', created_ms: MS, namespaces: [balance] }],
      next: null,
    }),
    deposit: (input) => {
      asked.deposits.push(input);
      return balance;
    },
    'keys.create': ({ namespace }) => {
      if (namespace === 'nobody') throw new NotFoundError('no namespace nobody', { advice: 'Make one.' });
      return {
        key: 'rk-0123abcd-4567cdef',
        namespace,
        hint: 'wxyz',
        created_ms: MS,
        revoked_ms: null,
        secret: 'rk-0123abcd-4567cdef-secretwxyz',
      };
    },
    'keys.list': () => ({
      keys: [
        { key: 'rk-0123abcd-4567cdef', namespace: 'acme', hint: 'wxyz', created_ms: MS, revoked_ms: MS },
      ],
      next: null,
    }),
    'keys.revoke': ({ key }) => ({ key, namespace: 'acme', hint: 'wxyz', created_ms: MS, revoked_ms: MS }),
    'config.show': () => ({ config: { version: 3, digest: DIGEST, snapshot } }),
    'config.draft': () => ({ version: 3, draft: 'models: []\n' }),
    'config.check': ({ draft }) => ({
      faults: draft === 'bad' ? [{ field: 'models', reason: 'expected array' }] : [],
      changes: draft === 'bad' ? [] : [{ field: 'jobs.queue_max', before: '4', after: '8' }],
      has_more: false,
      version: 3,
    }),
    'config.publish': ({ draft }) => {
      asked.drafts.push(draft);
      return { version: 4, digest: DIGEST, snapshot };
    },
    'page.show': () => ({ url: 'http://127.0.0.1:7531/', reason: null, advice: null }),
    'receipts.show': () => ({
      receipts: [
        {
          receipt: RECEIPT,
          signature: `0x${'3'.repeat(130)}`,
          digest: DIGEST,
          typed_data: receiptTypedData({ name: 'devnet', chainId: 31337, genesis: DIGEST }, RECEIPT),
        },
      ],
    }),
  };
  return { handlers, asked };
};
