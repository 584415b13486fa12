// The node at a glance: how it is, what it does, and what stands in the way.
import './overview.css';
import type { ViewProps } from '../shell/node-access.js';
import { ConfigurationCard } from './configuration-card.js';
import { FigureStrip } from './figure-strip.js';
import { GlanceCard } from './glance-card.js';
import { GpuCard } from './gpu-card.js';
import { LiveCharts } from './live-charts.js';
import { ModelsCard } from './models-card.js';
import { NetworkCards } from './network-cards.js';
import { NodeCard } from './node-card.js';
import { Problems } from './problems.js';
import { RecentJobs } from './recent-jobs.js';
import { ReportsCard } from './reports-card.js';
import { RuntimeCard } from './runtime-card.js';
import { SeenCard } from './seen-card.js';

export const OverviewView = ({ node }: ViewProps) => {
  const status = node.feed.status.value;
  if (status === null) return null;
  const nowMs = node.feed.nowMs.value;
  const facts = { node, status, nowMs };
  return (
    <div class="overview">
      <h1 class="unseen">Overview</h1>
      <Problems {...facts} />
      <GlanceCard {...facts} />
      <SeenCard {...facts} />
      <FigureStrip {...facts} />
      <LiveCharts feed={node.feed} />
      <NetworkCards {...facts} />
      <RuntimeCard {...facts} />
      <ModelsCard {...facts} />
      <GpuCard {...facts} />
      <RecentJobs {...facts} />
      <div class="beside span-4">
        <ConfigurationCard {...facts} />
        <ReportsCard {...facts} />
        <NodeCard {...facts} />
      </div>
    </div>
  );
};
