// The network's jobs, newest first: how each is, who tried it, why it ended.
import { route, setQuery } from '../../console/shell/current-route.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { Table } from '../../look/table.js';
import { useLive } from '../api/use-live.js';
import { useOlder } from '../api/use-older.js';
import type { ViewProps } from '../shell/network-access.js';
import { type JobRow, jobColumns } from './job-columns.js';
import { JobDetails } from './job-details.js';

const PAGE = 50;
const STATES = ['open', 'completed', 'failed', 'cancelled', 'expired'] as const;
/** The network counts those that ended a moment ago as well. */
const OPEN: ReadonlySet<string> = new Set(['admitting', 'queued', 'offered', 'running']);
const KINDS = ['paid', 'blind'] as const;
const NODE = /^0x[0-9a-fA-F]{40}$/;

const oneOf = <T extends string>(names: readonly T[], text: string | null): T | undefined =>
  names.find((name) => name === text);

export const JobsView = ({ network }: ViewProps) => {
  const { api, nowMs } = network;
  const { query, rest } = route.value;
  const [state, kind] = [oneOf(STATES, query.get('state')), oneOf(KINDS, query.get('kind'))];
  const node = query.get('node') ?? '';
  const isNode = NODE.test(node);
  const wish = {
    limit: PAGE,
    ...(state !== undefined && { state }),
    ...(kind !== undefined && { kind }),
    ...(isNode && { node }),
  };
  const key = JSON.stringify(wish);
  const live = useLive(key, () => api.call('jobs', wish));
  const older = useOlder<JobRow>(key, live.value?.next ?? null, async (before) => {
    const { jobs, next } = await api.call('jobs', { ...wish, before });
    return { rows: jobs, next };
  });
  const filter = (change: Record<string, string>): void =>
    setQuery({ state: state ?? '', kind: kind ?? '', node, ...change });
  const rows = [...(live.value?.jobs ?? []), ...older.rows];
  return (
    <>
      {rest[0] === undefined ? null : <JobDetails network={network} job={rest[0]} />}
      <Card title="Jobs" aside={<OpenJobs jobs={network.status.jobs} />}>
        <search class="filters">
          <Choice
            label="State"
            all="every state"
            names={STATES}
            value={state}
            onChoose={(one) => filter({ state: one })}
          />
          <Choice
            label="Kind"
            all="paid and blind"
            names={KINDS}
            value={kind}
            onChoose={(one) => filter({ kind: one })}
          />
          <Field
            label="Node"
            control={(ids) => (
              <input
                {...ids}
                class="input mono"
                name="node"
                placeholder="0x…, its whole address"
                spellcheck={false}
                autocomplete="off"
                aria-invalid={node !== '' && !isNode}
                value={node}
                onInput={({ currentTarget }) => filter({ node: currentTarget.value.trim() })}
              />
            )}
          />
        </search>
        {rows.length === 0 ? (
          <EmptyState title={live.value === undefined ? 'Asking for the jobs …' : 'No such job.'} />
        ) : (
          <Table
            caption="Jobs, newest first"
            columns={jobColumns(nowMs)}
            rows={rows}
            keyOf={({ job }) => job}
          />
        )}
        {older.next === null ? null : (
          <div class="more">
            <Button onClick={older.more} disabled={older.isBusy}>
              Look for older ones
            </Button>
          </div>
        )}
      </Card>
    </>
  );
};

const OpenJobs = ({ jobs }: { readonly jobs: Readonly<Record<string, number>> }) => {
  const open = Object.entries(jobs)
    .filter(([state]) => OPEN.has(state))
    .map(([state, count]) => `${count} ${state}`);
  return <>{open.length === 0 ? 'none is open' : open.join(', ')}</>;
};

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly names: readonly string[];
  readonly value: string | undefined;
  readonly onChoose: (name: string) => void;
}

const Choice = ({ label, all, names, value = '', onChoose }: ChoiceProps) => (
  <Field
    label={label}
    control={(ids) => (
      <select
        {...ids}
        class="input"
        value={value}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        <option value="">{all}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    )}
  />
);
