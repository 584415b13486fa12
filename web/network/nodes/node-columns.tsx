// What the table of nodes shows of each.

import { hrefOf } from '../../console/shell/route.js';
import { Badge } from '../../look/badge.js';
import { ago } from '../../look/durations.js';
import type { Column } from '../../look/table.js';
import type { Answer } from '../api/network-api.js';
import { credits, shortNode } from '../words/names.js';
import { ROTATION_WORDS } from '../words/rotation-words.js';

export type NodeRow = Answer<'nodes'>['nodes'][number];

interface Around {
  readonly nowMs: number;
  /** Version of the configuration; null: none. */
  readonly inForce: number | null;
  /** The node whose details are shown. */
  readonly chosen: string;
}

export const nodeColumns = ({ nowMs, inForce, chosen }: Around): readonly Column<NodeRow>[] => [
  {
    title: 'Node',
    isHeading: true,
    cell: ({ node, label }) => (
      <a href={hrefOf('nodes', [node])} aria-current={node === chosen ? 'true' : undefined} title={node}>
        {label ?? shortNode(node)}
      </a>
    ),
  },
  { title: 'State', cell: (row) => <Rotation {...row} /> },
  {
    title: 'Models',
    cell: ({ session }) =>
      session === null ? '–' : `${activeOf(session.models)} of ${session.models.length} active`,
  },
  {
    title: 'Jobs',
    isNumber: true,
    cell: ({ jobs, session }) => `${jobs}${session?.slots == null ? '' : ` / ${session.slots.total}`}`,
  },
  {
    title: 'Configuration',
    isNumber: true,
    cell: ({ session }) => <Version version={session?.config?.version ?? null} inForce={inForce} />,
  },
  { title: 'Earned', isNumber: true, cell: ({ earned }) => credits(earned) },
  { title: 'Heard', isNumber: true, cell: ({ last_seen_ms }) => ago(last_seen_ms, nowMs) },
];

const activeOf = (models: readonly { readonly state: string }[]): number =>
  models.filter(({ state }) => state === 'active').length;

export const Rotation = ({
  online,
  out_of_rotation: reasons,
}: Pick<NodeRow, 'online' | 'out_of_rotation'>) => {
  if (!online) return <Badge tone="idle">offline</Badge>;
  if (reasons.length === 0) return <Badge tone="ok">in rotation</Badge>;
  if (reasons.every((reason) => reason === 'busy')) return <Badge tone="info">busy</Badge>;
  return (
    <span class="stack">
      <Badge tone="warn">out of rotation</Badge>
      <span class="reason">{reasons.map((reason) => ROTATION_WORDS[reason]).join('; ')}</span>
    </span>
  );
};

const Version = ({
  version,
  inForce,
}: {
  readonly version: number | null;
  readonly inForce: number | null;
}) => {
  if (version === null) return <>–</>;
  if (version === inForce) return <span>{version}</span>;
  return <Badge tone="warn">{version}</Badge>;
};
