// The configuration in force, and how the last change of it went.
import type { NodeStatus } from '../../../src/console/node-view.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { ago, dayTime } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Facts } from '../../look/facts.js';
import { Notice } from '../../look/notice.js';
import type { OverviewFacts } from './overview-facts.js';

const OUTCOMES: Readonly<Record<string, string>> = {
  applied: 'applied',
  unchanged: 'nothing to change',
  unreachable: 'the network could not be asked',
  rejected: 'the new one was refused',
  rolledBack: 'the new one served no model; this one is back',
};

const wordsOf = ({ lastSync }: NodeStatus): string | null => {
  if (lastSync === null || lastSync.outcome === null) return null;
  return OUTCOMES[lastSync.outcome] ?? lastSync.outcome;
};

export const ConfigurationCard = ({ status, nowMs }: OverviewFacts) => {
  const { config, lastSync } = status;
  if (config === null) {
    return (
      <Card title="Configuration">
        <EmptyState title="None yet">The network sends it once the node has joined.</EmptyState>
      </Card>
    );
  }
  return (
    <Card title="Configuration" aside={<Badge tone="idle">version {config.version}</Badge>}>
      <Facts
        facts={[
          [
            'Digest',
            <code key="digest" data-fact="config">
              {config.digest}
            </code>,
          ],
          [
            'Signed',
            config.issuedMs === undefined
              ? null
              : `${dayTime(config.issuedMs, nowMs)}, ${ago(config.issuedMs, nowMs)}`,
          ],
          ['Last change', wordsOf(status)],
        ]}
      />
      {lastSync?.failure == null ? null : (
        <Notice
          tone="warn"
          title={lastSync.failure.message}
          code={lastSync.failure.code}
          advice={lastSync.failure.advice}
        />
      )}
    </Card>
  );
};
