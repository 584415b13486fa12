// What the table of jobs shows of each.
import { hrefOf } from '../../console/shell/route.js';
import { whole } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { duration } from '../../look/durations.js';
import type { Column } from '../../look/table.js';
import type { Answer } from '../api/network-api.js';
import { moment } from '../words/moments.js';
import { shortId, shortNode } from '../words/names.js';
import { toneOfJob } from '../words/tones.js';

export type JobRow = Answer<'jobs'>['jobs'][number];

export const jobColumns = (nowMs: number): readonly Column<JobRow>[] => [
  {
    title: 'Job',
    isHeading: true,
    cell: ({ job }) => (
      <a class="mono" href={hrefOf('jobs', [job])} title={job}>
        {shortId(job)}
      </a>
    ),
  },
  {
    title: 'State',
    cell: ({ state, code, finished_ms }) => (
      <span class="stack">
        <Badge tone={toneOfJob(state)} isLive={finished_ms === null}>
          {state}
        </Badge>
        {code === null ? null : <code class="reason">{code}</code>}
      </span>
    ),
  },
  {
    title: 'Model',
    cell: ({ model, endpoint, mode }) => (
      <span class="stack">
        {model}
        <span class="reason">
          {endpoint}, {mode}
        </span>
      </span>
    ),
  },
  {
    title: 'Attempts',
    cell: ({ attempts }) =>
      attempts.length === 0 ? (
        '–'
      ) : (
        <ol class="stack">
          {attempts.map(({ attempt, node, state, code }) => (
            <li key={attempt}>
              <a href={hrefOf('nodes', [node])} class="mono" title={node}>
                {shortNode(node)}
              </a>{' '}
              {state}
              {code === null ? null : <code class="reason"> {code}</code>}
            </li>
          ))}
        </ol>
      ),
  },
  {
    title: 'Paid by',
    cell: ({ kind, namespace }) => (kind === 'blind' ? <Badge tone="idle">blind</Badge> : namespace),
  },
  {
    title: 'Tokens',
    isNumber: true,
    cell: ({ usage }) =>
      usage === null ? '–' : `${whole(usage.prompt_tokens)} + ${whole(usage.completion_tokens)}`,
  },
  { title: 'Created', isNumber: true, cell: ({ created_ms }) => moment(created_ms, nowMs) },
  {
    title: 'Took',
    isNumber: true,
    cell: ({ created_ms, finished_ms }) => duration((finished_ms ?? nowMs) - created_ms),
  },
];
