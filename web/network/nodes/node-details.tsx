// One node in all detail, and the orders an operator can give it.

import { hrefOf } from '../../console/shell/route.js';
import { toneOfModel, toneOfRuntime } from '../../console/words/tones.js';
import { bytes, shortDigest } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { ago, dayTime } from '../../look/durations.js';
import { type Fact, Facts } from '../../look/facts.js';
import { Notice } from '../../look/notice.js';
import type { NetworkAccess } from '../shell/network-access.js';
import { credits } from '../words/names.js';
import { toneOfStanding } from '../words/tones.js';
import { type NodeRow, Rotation } from './node-columns.js';
import { OrderButtons } from './order-buttons.js';

interface NodeDetailsProps {
  readonly network: NetworkAccess;
  readonly node: NodeRow;
  readonly again: () => void;
}

export const NodeDetails = ({ network, node, again }: NodeDetailsProps) => (
  <Card title={node.label ?? 'Node'} aside={<Rotation {...node} />}>
    {node.order === null ? null : <OrderInForce order={node.order} nowMs={network.nowMs} />}
    <OrderButtons api={network.api} node={node} again={again} />
    <Facts facts={[...ownFacts(node, network.nowMs), ...sessionFacts(node, network)]} />
    <p>
      <a href={hrefOf('jobs', [], { node: node.node })}>Its jobs</a>
    </p>
  </Card>
);

const OrderInForce = ({
  order,
  nowMs,
}: {
  readonly order: NonNullable<NodeRow['order']>;
  readonly nowMs: number;
}) => {
  const who = order.by === 'owner' ? 'its owner' : 'the network';
  const until =
    order.until_ms === undefined ? 'until it is lifted' : `until ${dayTime(order.until_ms, nowMs)}`;
  return (
    <Notice
      tone="warn"
      title={`Ordered to ${order.kind} by ${who}, ${until}${order.note === undefined ? '.' : `: “${order.note}”`}`}
    />
  );
};

const ownFacts = (node: NodeRow, nowMs: number): Fact[] => [
  ['Address', <code key="address">{node.node}</code>],
  [
    'Standing',
    <span key="standing" class="row">
      <Badge tone={toneOfStanding(node.standing)}>{node.standing}</Badge>
      {node.reason === null ? null : <code>{node.reason}</code>}
      {node.until_ms === null ? null : `until ${dayTime(node.until_ms, nowMs)}`}
    </span>,
  ],
  ['Owner', node.owner === null ? 'nobody has claimed it' : `bound by ${node.owner}`],
  ['Agent', node.agent_version],
  ['Strikes in a row', String(node.strikes)],
  ['Earned', `${credits(node.earned)} credits`],
  ['Registered', dayTime(node.registered_ms, nowMs)],
  ['Last heard', ago(node.last_seen_ms, nowMs)],
];

const sessionFacts = ({ session, jobs }: NodeRow, { nowMs, status }: NetworkAccess): Fact[] => {
  if (session === null) return [];
  const { runtime, slots, config } = session;
  return [
    ['Connected since', dayTime(session.connected_ms, nowMs)],
    ['Last heartbeat', session.heartbeat_ms === null ? 'none yet' : ago(session.heartbeat_ms, nowMs)],
    [
      'Runtime',
      runtime === null ? null : (
        <span key="runtime" class="row">
          <Badge tone={toneOfRuntime(runtime.state)}>{runtime.state}</Badge>
          {runtime.engine} {runtime.version}
        </span>
      ),
    ],
    [
      'Models',
      session.models.length === 0 ? (
        'none'
      ) : (
        <ul key="models" class="stack">
          {session.models.map(({ id, state, reason }) => (
            <li key={id} class="row">
              {id} <Badge tone={toneOfModel(state)}>{state}</Badge>
              {reason === null ? null : <code>{reason}</code>}
            </li>
          ))}
        </ul>
      ),
    ],
    ['Jobs', slots === null ? String(jobs) : `${jobs} in hand; ${slots.free} of ${slots.total} slots free`],
    ['Not acknowledged', String(session.outbox)],
    [
      'Configuration',
      config === null ? (
        'none'
      ) : (
        <span key="config" title={config.digest}>
          {config.version === null ? shortDigest(config.digest) : `version ${config.version}`}
          {config.digest === status.config?.digest ? ', the one in force' : ', not the one in force'}
        </span>
      ),
    ],
    [
      'GPUs',
      session.gpus.length === 0
        ? 'none'
        : session.gpus
            .map(({ name, vram_total_bytes: total, vram_used_bytes: used }) =>
              used === null ? `${name}, ${bytes(total)}` : `${name}, ${bytes(used)} of ${bytes(total)}`,
            )
            .join('; '),
    ],
  ];
};
