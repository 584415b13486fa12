// The node as its network sees it: it may feel well and get no jobs.
import type { NodeStatus } from '../../../src/console/node-view.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { ago } from '../../look/durations.js';
import { type Fact, Facts } from '../../look/facts.js';
import { Words } from '../../look/words.js';
import type { OverviewFacts } from './overview-facts.js';

interface Seen {
  readonly connected: boolean;
  readonly lastAckMs: number | null;
  readonly standing: string | null;
  readonly account: string | null;
  readonly idleReason: string | null;
}

/** Of one network. @param nowMs the node's clock */
export const seenFacts = (seen: Seen, nowMs: number): readonly Fact[] => [
  [
    'Session',
    <>
      {seen.connected ? 'connected' : 'not connected'}
      {seen.lastAckMs === null ? '' : `, last answer ${ago(seen.lastAckMs, nowMs)}`}
    </>,
  ],
  ['Standing', seen.standing ?? 'not known yet'],
  ['Owner', seen.account ?? 'not claimed: earns nothing'],
  ['In rotation', seen.idleReason === null ? 'yes' : <Words key="why" text={`no: ${seen.idleReason}`} />],
];

const SeenBadge = ({ network, idleReason }: NodeStatus) => {
  if (!network.connected) return <Badge tone="bad">unseen</Badge>;
  return idleReason === null ? <Badge tone="ok">in rotation</Badge> : <Badge tone="warn">no jobs</Badge>;
};

export const SeenCard = ({ status, nowMs }: OverviewFacts) => {
  const { network } = status;
  const name = network.name ?? network.url ?? 'the network';
  return (
    <Card title={`As ${name} sees it`} class="span-4" aside={<SeenBadge {...status} />}>
      <Facts facts={seenFacts({ ...network, idleReason: status.idleReason }, nowMs)} />
    </Card>
  );
};
