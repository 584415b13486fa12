// One job: its times, every attempt with its end, and what it moved in the ledger.
import { hrefOf } from '../../console/shell/route.js';
import { whole } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { clockTime, duration } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Facts } from '../../look/facts.js';
import { type Column, Table } from '../../look/table.js';
import { useLive } from '../api/use-live.js';
import { entryColumns } from '../ledger/entry-columns.js';
import type { NetworkAccess } from '../shell/network-access.js';
import { moment } from '../words/moments.js';
import { shortNode } from '../words/names.js';
import { toneOfJob } from '../words/tones.js';
import type { JobRow } from './job-columns.js';

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const ENTRIES = 100;

interface JobDetailsProps {
  readonly network: NetworkAccess;
  readonly job: string;
}

export const JobDetails = ({ network, job }: JobDetailsProps) =>
  ULID.test(job) ? (
    <Known network={network} job={job} />
  ) : (
    <Card title="Job" aside={<Close />}>
      <EmptyState title="This is no job’s id." />
    </Card>
  );

const Close = () => <a href={hrefOf('jobs')}>Close</a>;

const Known = ({ network, job }: JobDetailsProps) => {
  const { api, nowMs } = network;
  const live = useLive(job, async () => ({
    row: (await api.call('jobs', { job })).jobs[0],
    entries: (await api.call('ledger', { job, limit: ENTRIES })).entries,
  }));
  if (live.value === undefined) return <EmptyState title="Asking for the job …" />;
  const { row, entries } = live.value;
  return (
    <Card title="Job" aside={<Close />}>
      {row === undefined ? (
        <EmptyState title="No job of this id is known.">Jobs that ended long ago are forgotten.</EmptyState>
      ) : (
        <>
          <div class="split split-even">
            <Facts facts={factsOf(row, nowMs)} />
            {row.attempts.length === 0 ? (
              <EmptyState title="No node was offered it yet." />
            ) : (
              <Table
                caption="Attempts"
                columns={ATTEMPTS}
                rows={row.attempts}
                keyOf={({ attempt }) => String(attempt)}
              />
            )}
          </div>
          {entries.length === 0 ? null : (
            <Table
              caption="What it moved"
              columns={entryColumns(nowMs, false)}
              rows={entries}
              keyOf={({ id }) => id}
            />
          )}
        </>
      )}
    </Card>
  );
};

const factsOf = (row: JobRow, nowMs: number): Parameters<typeof Facts>[0]['facts'] => [
  ['Id', <code key="id">{row.job}</code>],
  [
    'State',
    <span key="state" class="row">
      <Badge tone={toneOfJob(row.state)}>{row.state}</Badge>
      {row.code === null ? null : <code>{row.code}</code>}
    </span>,
  ],
  ['Asked for', `${row.model}, ${row.endpoint}, ${row.mode}`],
  ['Paid by', row.kind === 'blind' ? 'the network: a blind job' : row.namespace],
  ['Created', moment(row.created_ms, nowMs)],
  ['Took', row.finished_ms === null ? null : duration(row.finished_ms - row.created_ms)],
  [
    'Tokens',
    row.usage === null
      ? null
      : `${whole(row.usage.prompt_tokens)} of the prompt, ${whole(row.usage.completion_tokens)} of the answer`,
  ],
  ['Receipt', row.receipt_digest === null ? null : <code key="receipt">{row.receipt_digest}</code>],
];

const ATTEMPTS: readonly Column<JobRow['attempts'][number]>[] = [
  { title: 'Attempt', isHeading: true, cell: ({ attempt }) => attempt },
  {
    title: 'Node',
    cell: ({ node }) => (
      <a href={hrefOf('nodes', [node])} class="mono" title={node}>
        {shortNode(node)}
      </a>
    ),
  },
  {
    title: 'State',
    cell: ({ state, code }) => (
      <span class="row">
        <Badge tone={toneOfJob(state)}>{state}</Badge>
        {code === null ? null : <code>{code}</code>}
      </span>
    ),
  },
  {
    title: 'Verdict',
    cell: ({ verdict, verdict_code }) =>
      verdict === null ? '–' : [verdict, verdict_code].filter(Boolean).join(': '),
  },
  { title: 'Offered', isNumber: true, cell: ({ offered_ms }) => clockTime(offered_ms) },
  {
    title: 'Accepted',
    isNumber: true,
    cell: ({ offered_ms, accepted_ms }) =>
      accepted_ms === null ? '–' : `after ${duration(accepted_ms - offered_ms)}`,
  },
];
