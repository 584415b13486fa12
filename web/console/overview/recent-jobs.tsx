// The latest attempts; all of them are a view of their own.
import { useComputed } from '@preact/signals';
import { whole } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { clockTime, duration } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { type Column, Table } from '../../look/table.js';
import { type Attempt, attemptsOf } from '../jobs/attempts.js';
import { hrefOf } from '../shell/route.js';
import { toneOfOutcome } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';

const SHOWN = 10;

const columnsOf = (nowMs: number): readonly Column<Attempt>[] => [
  {
    title: 'Job',
    isHeading: true,
    cell: ({ job, attempt }) => (
      <a href={hrefOf('jobs', [], { text: job })}>
        <code>{job.slice(-8)}</code>
        {attempt > 1 ? ` (${attempt})` : ''}
        <span class="unseen"> job {job}</span>
      </a>
    ),
  },
  { title: 'Model', cell: ({ model }) => model ?? '–' },
  { title: 'Began', isMinor: true, cell: ({ beganMs }) => clockTime(beganMs) },
  {
    title: 'State',
    cell: ({ outcome, state }) =>
      outcome === null ? (
        <Badge isLive tone="info">
          {state}
        </Badge>
      ) : (
        <Badge tone={toneOfOutcome(outcome)}>{outcome}</Badge>
      ),
  },
  {
    title: 'Tokens',
    isNumber: true,
    isMinor: true,
    cell: ({ line }) => (line?.completionTokens == null ? '–' : whole(line.completionTokens)),
  },
  {
    title: 'First token',
    isNumber: true,
    isMinor: true,
    cell: ({ line }) => (line?.firstTokenMs == null ? '–' : duration(line.firstTokenMs)),
  },
  {
    title: 'Took',
    isNumber: true,
    cell: ({ beganMs, endedMs, outcome }) =>
      endedMs !== null ? duration(endedMs - beganMs) : outcome === null ? duration(nowMs - beganMs) : '–',
  },
];

export const RecentJobs = ({ node, nowMs }: OverviewFacts) => {
  const attempts = useComputed(() => attemptsOf(node.feed.jobs.value, node.lines.value)).value;
  return (
    <Card title="Latest jobs" class="span-8" aside={<a href={hrefOf('jobs')}>All jobs</a>}>
      {attempts.length === 0 ? (
        <EmptyState title="No jobs yet">
          They come from the network when nothing stands in their way.
        </EmptyState>
      ) : (
        <Table
          caption="Latest jobs, newest first"
          columns={columnsOf(nowMs)}
          rows={attempts.slice(0, SHOWN)}
          keyOf={({ key }) => key}
        />
      )}
    </Card>
  );
};
