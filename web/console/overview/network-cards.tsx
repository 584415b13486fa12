// Each network for itself, where the node is in several.
import type { NetworkStatus } from '../../../src/console/node-view.js';
import { counted, shortDigest } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { Facts } from '../../look/facts.js';
import { orderWords } from '../words/order-words.js';
import { toneOfStage } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';
import { seenFacts } from './seen-card.js';

const hasRuntime = ({ hasRuntime: has, runtimeHolder }: NetworkStatus): string => {
  if (has) return 'works for it';
  return runtimeHolder === null ? 'none' : `works for ${runtimeHolder}`;
};

const NetworkCard = ({ network, nowMs }: { readonly network: NetworkStatus; readonly nowMs: number }) => (
  <Card
    title={network.name ?? network.url ?? 'network'}
    class="span-6"
    aside={<Badge tone={toneOfStage(network.stage)}>{network.stage}</Badge>}
  >
    <Facts
      facts={[
        ...seenFacts(network, nowMs),
        ['Order', network.order == null ? null : orderWords(network.order, nowMs)],
        ['Runtime', hasRuntime(network)],
        [
          'Jobs',
          `${network.jobs.running} running, ${network.jobs.queued} queued, ${network.jobs.outbox} to deliver`,
        ],
        [
          'Configuration',
          network.config === null
            ? 'none yet'
            : `version ${network.config.version}, ${shortDigest(network.config.digest)}`,
        ],
        [
          'Reports',
          `${counted(network.reports.waiting, 'segment')} waiting, ${network.reports.delivered} delivered`,
        ],
      ]}
    />
  </Card>
);

export const NetworkCards = ({ status, nowMs }: OverviewFacts) => {
  const networks = status.networks ?? [];
  if (networks.length <= 1) return null;
  return (
    <>
      {networks.map((network) => (
        <NetworkCard key={network.url ?? network.name} network={network} nowMs={nowMs} />
      ))}
    </>
  );
};
