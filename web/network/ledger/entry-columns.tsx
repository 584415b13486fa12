// What the table of ledger entries shows of each.
import { hrefOf } from '../../console/shell/route.js';
import { Badge } from '../../look/badge.js';
import type { Column } from '../../look/table.js';
import type { Answer } from '../api/network-api.js';
import { moment } from '../words/moments.js';
import { credits, shortId, shortNode } from '../words/names.js';
import { toneOfEntry } from '../words/tones.js';

export type EntryRow = Answer<'ledger'>['entries'][number];

/** @param hasJob several jobs are listed, so each is named */
export const entryColumns = (nowMs: number, hasJob: boolean): readonly Column<EntryRow>[] => [
  { title: 'Time', isHeading: true, cell: ({ at_ms }) => moment(at_ms, nowMs) },
  { title: 'Kind', cell: ({ kind }) => <Badge tone={toneOfEntry(kind)}>{kind}</Badge> },
  { title: 'Namespace', cell: ({ namespace }) => namespace },
  ...(hasJob ? [{ title: 'Job', cell: ({ job }: EntryRow) => <Job job={job} /> }] : []),
  { title: 'Node', cell: ({ node }) => <Node node={node} /> },
  {
    title: 'Tokens',
    isNumber: true,
    cell: ({ usage }) => (usage === null ? '–' : `${usage.prompt_tokens} + ${usage.completion_tokens}`),
  },
  { title: 'Credits', isNumber: true, cell: ({ amount }) => credits(amount) },
];

const Job = ({ job }: Pick<EntryRow, 'job'>) =>
  job === null ? (
    <>–</>
  ) : (
    <a class="mono" href={hrefOf('jobs', [job])} title={job}>
      {shortId(job)}
    </a>
  );

const Node = ({ node }: Pick<EntryRow, 'node'>) =>
  node === null ? (
    <>–</>
  ) : (
    <a class="mono" href={hrefOf('nodes', [node])} title={node}>
      {shortNode(node)}
    </a>
  );
