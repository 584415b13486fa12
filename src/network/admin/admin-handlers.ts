// The answers to an operator's verbs, read from the rooms of the running network.
import { receiptHash, receiptTypedData } from '../../protocol/receipt.js';
import { UnknownNamespaceError } from '../accounts/account-errors.js';
import type { Account, Accounts, ApiKey } from '../accounts/accounts.js';
import type { NetworkCore } from '../desk/network-core.js';
import { jobRecord } from '../jobs/job-record.js';
import { createReceiptArchive } from '../jobs/receipt-archive.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ConfigDraft, ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { NotFoundError } from './admin-errors.js';
import type { AdminHandlers, AdminOutput } from './admin-verbs.js';
import { configAnswers } from './config-answers.js';
import { listJobs } from './job-list.js';
import { nodeRow } from './node-row.js';

export interface AdminRooms {
  readonly store: NetworkStore;
  readonly keys: NetworkKeys;
  readonly accounts: Accounts;
  readonly registry: NodeRegistry;
  readonly ledger: Ledger;
  readonly publisher: ConfigPublisher;
  readonly core: Pick<NetworkCore, 'desk' | 'snapshot' | 'order'>;
  readonly clock: Clock;
  /** An operator's YAML or JSON. @throws ConfigDraftError */
  readonly readDraft: (text: string) => ConfigDraft;
  readonly url: string;
  readonly dataDir: string;
  /** Where the page is, or why it is not served. */
  readonly page: AdminOutput<'page.show'>;
}

export const adminHandlers = (rooms: AdminRooms): AdminHandlers => {
  const { accounts, clock, core, keys, ledger, publisher, registry } = rooms;
  const jobs = rooms.store.table('jobs', jobRecord);
  const receipts = createReceiptArchive(rooms.store);
  const startedMs = clock.nowMs();

  const balanceOf = (namespace: string): AdminOutput<'deposit'> => {
    const { available, reserved, charged, deposited } = ledger.totals(namespace);
    return {
      namespace,
      available: String(available),
      reserved: String(reserved),
      charged: String(charged),
      deposited: String(deposited),
    };
  };
  const accountRow = (account: Account): AdminOutput<'accounts.create'> => ({
    ...account,
    namespaces: account.namespaces.map(balanceOf),
  });

  return {
    status: () => {
      const { nodes, jobs: counts } = core.snapshot();
      const config = publisher.current();
      return {
        name: keys.network.name,
        chain_id: keys.network.chainId,
        genesis: keys.network.genesis,
        url: rooms.url,
        data_dir: rooms.dataDir,
        pid: process.pid,
        started_ms: startedMs,
        now_ms: clock.nowMs(),
        config: config === undefined ? null : { version: config.version, digest: config.digest },
        models: core.desk.models().map(({ id, nodes: serving }) => ({ id, nodes: serving })),
        nodes: { registered: registry.count(), online: nodes.length },
        jobs: counts,
      };
    },
    nodes: ({ limit, after }) => {
      const online = new Map(core.snapshot().nodes.map((node) => [node.node.toLowerCase(), node]));
      const { rows, next } = pageOf(registry.list({ after, limit: limit + 1 }), limit, ({ node }) => node);
      const deps = { registry, publisher, earned: ledger.earned, nowMs: clock.nowMs() };
      return {
        nodes: rows.map((record) => nodeRow(record, online.get(record.node.toLowerCase()), deps)),
        next,
      };
    },
    'nodes.order': async ({ node, verb, note, until_ms }) => {
      if (registry.find(node) === undefined) {
        throw new NotFoundError(`no node ${node} is registered`, { advice: "'nodes' lists them." });
      }
      const { outcome, reason } = await core.order(node, { verb, note, untilMs: until_ms });
      return { node, outcome, reason: reason ?? null };
    },
    jobs: (wish) => listJobs(jobs, wish),
    ledger: ({ limit, job, before }) => {
      const entries = ledger.entries({ limit: limit + 1, job, before });
      const shown = entries.slice(-limit);
      return { entries: shown, next: entries.length > limit ? (shown[0]?.id ?? null) : null };
    },
    'accounts.create': async ({ name }) => accountRow(await accounts.createAccount(name)),
    'accounts.list': ({ limit, after }) => {
      const { rows, next } = pageOf(behind(accounts.accounts(), after, idOfAccount), limit, idOfAccount);
      return { accounts: rows.map(accountRow), next };
    },
    deposit: async ({ namespace, amount }) => {
      if (!accounts.hasNamespace(namespace)) {
        throw new UnknownNamespaceError(`there is no namespace '${namespace}'`, {
          advice: "'accounts list' shows them; a new account has the namespace <name>/default.",
        });
      }
      await ledger.deposit(namespace, BigInt(amount));
      return balanceOf(namespace);
    },
    'keys.create': async ({ namespace }) => {
      const key = await accounts.createKey(namespace);
      return { ...keyRow(key), secret: key.secret };
    },
    'keys.list': ({ limit, after }) => {
      const { rows, next } = pageOf(behind(accounts.listKeys(), after, idOfKey), limit, idOfKey);
      return { keys: rows.map(keyRow), next };
    },
    'keys.revoke': async ({ key }) => keyRow(await accounts.revokeKey(key)),
    ...configAnswers(rooms),
    'receipts.show': ({ job }) => {
      if (jobs.get(job) === undefined) {
        throw new NotFoundError(`no job ${job} is known`, {
          advice: "'jobs' lists the newest; jobs that ended long ago are forgotten.",
        });
      }
      return {
        receipts: receipts.of(job).map(({ receipt, signature }) => ({
          receipt,
          signature,
          digest: `sha256:${receiptHash(keys.network, receipt).slice('0x'.length)}`,
          typed_data: receiptTypedData(keys.network, receipt),
        })),
      };
    },
    'page.show': () => rooms.page,
  };
};

const idOfAccount = ({ account }: Account): string => account;
const idOfKey = ({ keyId }: ApiKey): string => keyId;

/** The rows behind the one of this id; from the beginning where no row has it. */
const behind = <T>(rows: readonly T[], id: string | undefined, idOf: (row: T) => string): readonly T[] =>
  id === undefined ? rows : rows.slice(rows.findIndex((row) => idOf(row) === id) + 1);

/** @param rows more than `limit` of them: there is a next page */
const pageOf = <T>(
  rows: readonly T[],
  limit: number,
  idOf: (row: T) => string,
): { readonly rows: readonly T[]; readonly next: string | null } => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? idOf(last) : null };
};

const keyRow = ({ keyId, namespace, last4, created_ms, revoked_ms }: ApiKey) => ({
  key: keyId,
  namespace,
  hint: last4,
  created_ms,
  revoked_ms,
});
