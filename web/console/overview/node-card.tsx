// Which process this is.
import { Card } from '../../look/card.js';
import { dayTime, duration } from '../../look/durations.js';
import { Facts } from '../../look/facts.js';
import type { OverviewFacts } from './overview-facts.js';

export const NodeCard = ({ status, nowMs }: OverviewFacts) => (
  <Card title="Agent">
    <Facts
      facts={[
        [
          'Node',
          <code key="id" data-fact="node">
            {status.nodeId ?? 'not known yet'}
          </code>,
        ],
        ['Version', status.agentVersion],
        ['Process', String(status.pid)],
        ['Running', `${duration(nowMs - status.startedMs)}, since ${dayTime(status.startedMs, nowMs)}`],
        ['Network', status.network.url],
      ]}
    />
  </Card>
);
