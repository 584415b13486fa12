// The models the configuration lists, and how far each has come on this node.
import type { NodeStatus } from '../../../src/console/node-view.js';
import { shortDigest } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { type Column, Table } from '../../look/table.js';
import { ActionButton } from '../orders/action-button.js';
import type { NodeAccess } from '../shell/node-access.js';
import { toneOfModel } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';

interface ModelRow {
  readonly network: string | null;
  readonly networkUrl: string | null;
  readonly id: string;
  readonly digest: string;
  readonly state: string;
  readonly reason: string | null;
}

const rowsOf = ({ networks = [], models }: NodeStatus): readonly ModelRow[] =>
  networks.length === 0
    ? models.map((model) => ({ ...model, network: null, networkUrl: null }))
    : networks.flatMap((one) =>
        one.models.map((model) => ({ ...model, network: one.name, networkUrl: one.url })),
      );

const retest =
  (node: NodeAccess, { id, digest, networkUrl }: ModelRow) =>
  async (): Promise<string> => {
    const { retested, state } = await node.api.retestModel(digest, networkUrl);
    return retested ? `${id} is tested again.` : `${id} is ${state}: it cannot be tested now.`;
  };

const columnsOf = (node: NodeAccess, hasNetworks: boolean): readonly Column<ModelRow>[] => [
  {
    title: 'Model',
    isHeading: true,
    cell: ({ id, digest }) => <span title={digest}>{id}</span>,
  },
  ...(hasNetworks ? [{ title: 'Network', cell: ({ network }: ModelRow) => network ?? '–' }] : []),
  {
    title: 'State',
    cell: ({ state, reason }) => (
      <span>
        <Badge tone={toneOfModel(state)}>{state}</Badge>
        {reason === null ? null : <span class="reason"> {reason}</span>}
      </span>
    ),
  },
  { title: 'Digest', isMinor: true, cell: ({ digest }) => <code class="quiet">{shortDigest(digest)}</code> },
  {
    title: 'Test',
    cell: (row) => (
      <ActionButton
        kind="bare"
        label="Test again"
        of={row.id}
        title={`Test ${row.id} again`}
        text="One real inference through the Runtime. The network sends no jobs for the model until it has passed."
        confirm="Test again"
        act={retest(node, row)}
      />
    ),
  },
];

export const ModelsCard = ({ node, status }: OverviewFacts) => {
  const rows = rowsOf(status);
  const isSeveral = (status.networks?.length ?? 0) > 1;
  return (
    <Card title="Models" class="span-5">
      {rows.length === 0 ? (
        <EmptyState title="No models">The network’s configuration names the models a node serves.</EmptyState>
      ) : (
        <Table
          caption="Models of the configuration and their states"
          columns={columnsOf(node, isSeveral)}
          rows={rows}
          keyOf={({ networkUrl, digest, id }) => `${networkUrl} ${digest} ${id}`}
        />
      )}
    </Card>
  );
};
