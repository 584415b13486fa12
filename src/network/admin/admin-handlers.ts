// The answers to an operator's verbs, read from the rooms of the running network.
import { receiptHash, receiptTypedData } from '../../protocol/receipt.js';
import { UnknownNamespaceError } from '../accounts/account-errors.js';
import type { Account, Accounts, ApiKey } from '../accounts/accounts.js';
import type { NetworkCore, OnlineNode } from '../desk/network-core.js';
import { type JobRecord, jobRecord } from '../jobs/job-record.js';
import { createReceiptArchive } from '../jobs/receipt-archive.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ConfigDraft, ConfigPublisher, PublishedConfig } from '../publishing/config-publisher.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { NotFoundError } from './admin-errors.js';
import type { AdminHandlers, AdminOutput } from './admin-verbs.js';

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
}

export const adminHandlers = (rooms: AdminRooms): AdminHandlers => {
  const { accounts, clock, core, keys, ledger, publisher, registry } = rooms;
  const jobs = rooms.store.table('jobs', jobRecord);
  const receipts = createReceiptArchive(rooms.store);
  const startedMs = clock.nowMs();

  const balanceOf = (namespace: string): AdminOutput<'deposit'> => {
    const { available, reserved } = ledger.balance(namespace);
    return { namespace, available: String(available), reserved: String(reserved) };
  };
  const accountRow = (account: Account): AdminOutput<'accounts.create'> => ({
    ...account,
    namespaces: account.namespaces.map(balanceOf),
  });
  const configRow = ({ version, digest, snapshot }: PublishedConfig): AdminOutput<'config.publish'> => ({
    version,
    digest,
    snapshot,
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
        config: config === undefined ? null : { version: config.version, digest: config.digest },
        models: core.desk.models().map(({ id, nodes: serving }) => ({ id, nodes: serving })),
        nodes: { registered: registry.list().length, online: nodes.length },
        jobs: counts,
      };
    },
    nodes: () => {
      const online = new Map(core.snapshot().nodes.map((node) => [node.node.toLowerCase(), node]));
      const row = (record: NodeRecord) =>
        nodeRow(record, online.get(record.node.toLowerCase()), registry, ledger, clock.nowMs());
      return { nodes: registry.list().map(row) };
    },
    'nodes.order': async ({ node, verb, note, until_ms }) => {
      if (registry.find(node) === undefined) {
        throw new NotFoundError(`no node ${node} is registered`, { advice: "'nodes' lists them." });
      }
      const { outcome, reason } = await core.order(node, { verb, note, untilMs: until_ms });
      return { node, outcome, reason: reason ?? null };
    },
    jobs: ({ limit }) => ({
      jobs: [...jobs.range({ reverse: true, limit })].map(({ value }) => jobRow(value)),
    }),
    ledger: ({ limit, job }) => ({
      entries: [...ledger.entries({ limit, ...(job !== undefined && { job }) })],
    }),
    'accounts.create': async ({ name }) => accountRow(await accounts.createAccount(name)),
    'accounts.list': () => ({ accounts: accounts.accounts().map(accountRow) }),
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
    'keys.list': () => ({ keys: accounts.listKeys().map(keyRow) }),
    'keys.revoke': async ({ key }) => keyRow(await accounts.revokeKey(key)),
    'config.show': () => {
      const config = publisher.current();
      return { config: config === undefined ? null : configRow(config) };
    },
    'config.publish': async ({ draft }) => configRow(await publisher.publish(rooms.readDraft(draft))),
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
  };
};

const nodeRow = (
  record: NodeRecord,
  online: OnlineNode | undefined,
  registry: NodeRegistry,
  ledger: Ledger,
  nowMs: number,
): AdminOutput<'nodes'>['nodes'][number] => {
  const standing = registry.standingOf(record, nowMs);
  return {
    node: record.node,
    label: record.label ?? null,
    owner: record.owner?.kind ?? null,
    standing: standing.state,
    reason: standing.code ?? null,
    online: online !== undefined,
    order: online?.heartbeat?.prefs.order ?? null,
    agent_version: record.agent_version,
    models: [...(online?.models.keys() ?? [])],
    jobs: online?.inflight ?? 0,
    strikes: record.strikes,
    earned: String(ledger.earned(record.node)),
    last_seen_ms: Math.max(record.last_seen_ms, online?.lastSeenMs ?? 0),
  };
};

const jobRow = (record: JobRecord): AdminOutput<'jobs'>['jobs'][number] => ({
  ...record,
  attempts: record.attempts.map(({ attempt, node, state, code }) => ({ attempt, node, state, code })),
});

const keyRow = ({ keyId, namespace, last4, created_ms, revoked_ms }: ApiKey) => ({
  key: keyId,
  namespace,
  hint: last4,
  created_ms,
  revoked_ms,
});
