// The registered nodes; one of them, the chosen, in all detail.
import { route } from '../../console/shell/current-route.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Notice } from '../../look/notice.js';
import { Table } from '../../look/table.js';
import { useLive } from '../api/use-live.js';
import { useOlder } from '../api/use-older.js';
import type { ViewProps } from '../shell/network-access.js';
import { type NodeRow, nodeColumns } from './node-columns.js';
import { NodeDetails } from './node-details.js';

const PAGE = 100;

export const NodesView = ({ network }: ViewProps) => {
  const { api, nowMs } = network;
  const live = useLive('nodes', () => api.call('nodes', { limit: PAGE }));
  const later = useOlder<NodeRow>('nodes', live.value?.next ?? null, async (after) => {
    const { nodes, next } = await api.call('nodes', { limit: PAGE, after });
    return { rows: nodes, next };
  });
  if (live.value === undefined) {
    return live.refusal === undefined ? (
      <EmptyState title="Asking for the nodes …" />
    ) : (
      <Refused {...live.refusal} />
    );
  }
  const rows = [...live.value.nodes, ...later.rows];
  const wanted = route.value.view === 'nodes' ? route.value.rest[0]?.toLowerCase() : undefined;
  const chosen = rows.find(({ node }) => node.toLowerCase() === wanted) ?? rows[0];
  if (chosen === undefined) {
    return (
      <Card title="Nodes">
        <EmptyState title="No node has registered yet.">
          Start one with <code>resultity-node start --network-url {network.status.url}</code>
        </EmptyState>
      </Card>
    );
  }
  return (
    <div class="split">
      <Card
        title="Nodes"
        aside={`${network.status.nodes.online} of ${network.status.nodes.registered} connected`}
      >
        <Table
          caption="Registered nodes: how each is, and why it is offered no jobs"
          columns={nodeColumns({
            nowMs,
            inForce: network.status.config?.version ?? null,
            chosen: chosen.node,
          })}
          rows={rows}
          keyOf={({ node }) => node}
        />
        {later.next === null ? null : (
          <div class="more">
            <Button onClick={later.more} disabled={later.isBusy}>
              Show more
            </Button>
          </div>
        )}
      </Card>
      <NodeDetails network={network} node={chosen} again={live.again} />
    </div>
  );
};

const Refused = ({
  message,
  code,
  advice,
}: {
  message: string;
  code: string;
  advice?: string | undefined;
}) => <Notice tone="bad" title={message} code={code} advice={advice} />;
