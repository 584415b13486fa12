// Every attempt the node has had lately: where its time went, and how it ended.
import './jobs-view.css';
import { useComputed, useSignal } from '@preact/signals';
import { counted } from '../../look/amounts.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { route, setQuery } from '../shell/current-route.js';
import type { ViewProps } from '../shell/node-access.js';
import { AttemptRow } from './attempt-row.js';
import { attemptsOf, isWanted, RUNNING, type Wanted } from './attempts.js';
import { PHASE_NAMES, type Phase } from './phases.js';

/** At first; more are shown when asked for. */
const SHOWN = 100;

const wantedNow = (): Wanted => {
  const { query } = route.value;
  const of = (name: string): string => query.get(name) ?? '';
  return { text: of('text'), state: of('state'), outcome: of('outcome') };
};

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)].sort();

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChoice: (value: string) => void;
}

const Choice = ({ label, value, options, onChoice }: ChoiceProps) => (
  <Field
    label={label}
    control={(ids) => (
      <select
        {...ids}
        class="input"
        value={value}
        onChange={({ currentTarget }) => onChoice(currentTarget.value)}
      >
        <option value="">any</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    )}
  />
);

const Legend = () => (
  <ul class="phases" aria-label="Colours of the timelines">
    {(Object.keys(PHASE_NAMES) as Phase[]).map((phase) => (
      <li key={phase}>
        <span class={`phase-dot phase-${phase}`} />
        {PHASE_NAMES[phase]}
      </li>
    ))}
  </ul>
);

export const JobsView = ({ node }: ViewProps) => {
  const limit = useSignal(SHOWN);
  const attempts = useComputed(() => attemptsOf(node.feed.jobs.value, node.lines.value)).value;
  const wanted = wantedNow();
  const shown = attempts.filter(isWanted(wanted));
  const choose = (change: Partial<Wanted>): void => setQuery({ ...wanted, ...change });
  const hasNetworks = (node.feed.status.value?.networks?.length ?? 0) > 1;
  return (
    <div class="jobs">
      <h1>Jobs</h1>
      <search class="filters" aria-label="Filter the jobs">
        <Field
          label="Job, model or network"
          control={(ids) => (
            <input
              {...ids}
              class="input"
              type="search"
              value={wanted.text}
              onInput={({ currentTarget }) => choose({ text: currentTarget.value })}
            />
          )}
        />
        <Choice
          label="State"
          value={wanted.state}
          options={distinct([...attempts.map(({ state }) => state), wanted.state].filter(Boolean))}
          onChoice={(state) => choose({ state })}
        />
        <Choice
          label="Outcome"
          value={wanted.outcome}
          options={distinct(
            [...attempts.map(({ outcome }) => outcome ?? RUNNING), wanted.outcome].filter(Boolean),
          )}
          onChoice={(outcome) => choose({ outcome })}
        />
      </search>
      <Card title="Attempts" aside={<span role="status">{counted(shown.length, 'attempt')}</span>}>
        <Legend />
        {shown.length === 0 ? (
          <EmptyState title={attempts.length === 0 ? 'No jobs yet' : 'None of them is like that'}>
            {attempts.length === 0
              ? 'They come from the network when nothing stands in their way.'
              : `There are ${counted(attempts.length, 'attempt')} in all.`}
          </EmptyState>
        ) : (
          <ol class="attempts">
            {shown.slice(0, limit.value).map((attempt) => (
              <AttemptRow key={attempt.key} attempt={attempt} node={node} hasNetworks={hasNetworks} />
            ))}
          </ol>
        )}
        {shown.length > limit.value ? (
          <Button
            onClick={() => {
              limit.value += SHOWN;
            }}
          >
            Show more
          </Button>
        ) : null}
      </Card>
    </div>
  );
};
