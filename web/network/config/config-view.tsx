// The configuration in force and who follows it; a draft for the next one.

import { counted, whole } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { dayTime, duration } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Facts } from '../../look/facts.js';
import { type Column, Table } from '../../look/table.js';
import { useLive } from '../api/use-live.js';
import type { NetworkAccess, ViewProps } from '../shell/network-access.js';
import { DraftCard } from './draft-card.js';
import { type ModelInForce, readSnapshot } from './snapshot-view.js';

const NODES = 1_000;

export const ConfigView = ({ network }: ViewProps) => (
  <div class="split split-even">
    <DraftCard network={network} />
    <InForce network={network} />
  </div>
);

const InForce = ({ network }: ViewProps) => {
  const { api, status, nowMs } = network;
  const live = useLive(
    `config ${status.config?.digest}`,
    async () => (await api.call('config.show', {})).config,
  );
  const nodes = useLive('followers', async () => (await api.call('nodes', { limit: NODES })).nodes);
  if (live.value === undefined) return <EmptyState title="Asking for the configuration …" />;
  if (live.value === null) {
    return (
      <Card title="In force">
        <EmptyState title="None was published yet.">
          Nodes wait for one, and the network serves no jobs.
        </EmptyState>
      </Card>
    );
  }
  const { version, digest, snapshot } = live.value;
  const shown = readSnapshot(snapshot);
  return (
    <Card title="In force" aside={`version ${version}`}>
      <Facts
        facts={[
          ['Digest', <code key="digest">{digest}</code>],
          ['Issued', dayTime(shown.issued_ms, nowMs)],
          ['Expires', `${dayTime(shown.expires_ms, nowMs)} (${lifeLeft(shown.expires_ms - nowMs)})`],
          ['Followed by', <Followers key="followers" nodes={nodes.value} digest={digest} />],
          [
            'Runtimes',
            shown.runtimes
              .map(({ engine, max_concurrent }) => `${engine}, ${counted(max_concurrent, 'job')} at once`)
              .join('; '),
          ],
          ['Output of a job', `at most ${counted(shown.jobs.max_output_tokens, 'token')}`],
          ['Agents', `${shown.versions.agent_min} or newer; the newest is ${shown.versions.agent_latest}`],
        ]}
      />
      {shown.models.length === 0 ? (
        <EmptyState title="It lists no models." />
      ) : (
        <Table
          caption="Models of the configuration in force"
          columns={modelColumns(status)}
          rows={shown.models}
          keyOf={({ id }) => id}
        />
      )}
    </Card>
  );
};

const lifeLeft = (ms: number): string => (ms <= 0 ? 'over' : `in ${duration(ms)}`);

const Followers = ({
  nodes,
  digest,
}: {
  readonly nodes:
    | readonly { readonly session: { readonly config: { readonly digest: string } | null } | null }[]
    | undefined;
  readonly digest: string;
}) => {
  const connected = (nodes ?? []).filter(({ session }) => session !== null);
  const following = connected.filter(({ session }) => session?.config?.digest === digest).length;
  const isAll = following === connected.length;
  return (
    <span role="status">
      <Badge tone={isAll ? 'ok' : 'info'} isLive={!isAll}>
        {following} of {counted(connected.length, 'connected node')}
      </Badge>
    </span>
  );
};

const modelColumns = (status: NetworkAccess['status']): readonly Column<ModelInForce>[] => [
  {
    title: 'Model',
    isHeading: true,
    cell: ({ id, version, digest }) => (
      <span class="stack" title={digest}>
        {id}
        <span class="reason">version {version}</span>
      </span>
    ),
  },
  { title: 'Tasks', cell: ({ tasks }) => tasks.join(', ') },
  { title: 'Engines', cell: ({ engines }) => engines.join(', ') },
  { title: 'Context', isNumber: true, cell: ({ context_tokens }) => whole(context_tokens) },
  {
    title: 'Served by',
    isNumber: true,
    cell: ({ id, enabled }) => {
      const serving = status.models.find((model) => model.id === id)?.nodes ?? 0;
      if (!enabled) return <Badge tone="idle">not enabled</Badge>;
      return serving === 0 ? <Badge tone="warn">nobody</Badge> : counted(serving, 'node');
    },
  },
];
