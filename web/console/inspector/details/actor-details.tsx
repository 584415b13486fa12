// One actor at the moment looked at: where it is, what it knows, how it got there.
import './actor-details.css';
import type { StateRecord } from '../../../../src/console/feed/feed-records.js';
import { clockTime } from '../../../look/durations.js';
import { EmptyState } from '../../../look/empty-state.js';
import { chartHref } from '../chart/chart-href.js';
import type { InspectorState } from '../inspector-state.js';
import { stepsOf } from '../model/selection.js';
import { edgeWords, leavesOf, pathOf } from '../model/wording.js';
import { contextLines, shortValue } from './context-lines.js';

interface ActorDetailsProps {
  readonly inspector: InspectorState;
}

/** Transitions listed; older ones are found by stepping back. */
const STEPS = 12;

/** The states a transition entered; none where it stayed. */
const arrivalText = (step: StateRecord, before: StateRecord | undefined): string => {
  const entered = leavesOf(step.nodes).filter((node) => before === undefined || !before.nodes.includes(node));
  return entered.length === 0 ? '' : ` → ${entered.map(pathOf).join(' · ')}`;
};

export const ActorDetails = ({ inspector }: ActorDetailsProps) => {
  const { actor: view, machine, nodes } = inspector.shown.value;
  if (view === null) {
    return nodes.length === 0 ? (
      <EmptyState title="Nobody is there at this moment">
        {machine === null ? 'Choose an actor.' : 'Its chart is lit as soon as an actor of it lives.'}
      </EmptyState>
    ) : (
      <EmptyState title="Several actors at once">
        The chart shows the states of all of them. Choose one.
      </EmptyState>
    );
  }
  const { actor, state } = view;
  const steps = stepsOf(inspector.recording.value.records, actor.actor, inspector.moment.value, STEPS + 1);
  const lines = contextLines(state?.context ?? {});
  return (
    <div class="details">
      <p class="details-name">
        <strong>{actor.id}</strong>
        <span class="quiet">
          {actor.machine ?? 'service'} · {actor.actor}
          {state === null || state.status === 'active' ? '' : ` · ${state.status}`}
        </span>
      </p>

      <h3>Active states</h3>
      <ul class="details-states" data-active={nodes.join(' ')}>
        {leavesOf(nodes).map((node) => (
          <li key={node}>
            <a href={chartHref(machine ?? '', node)}>{pathOf(node)}</a>
          </li>
        ))}
        {nodes.length === 0 ? (
          <li class="quiet">{machine === null ? 'No statechart.' : 'Not known.'}</li>
        ) : null}
      </ul>

      <h3>Context</h3>
      {lines.length === 0 ? (
        <p class="quiet">Nothing of it is shown here.</p>
      ) : (
        <dl class="details-context">
          {lines.map(({ key, value }) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd class={value === 'null' ? 'quiet' : ''} title={value}>
                {shortValue(value)}
              </dd>
            </div>
          ))}
        </dl>
      )}

      <h3>Last transitions</h3>
      {steps.length === 0 ? <p class="quiet">None in the recording.</p> : null}
      <ol class="details-steps">
        {steps.slice(0, STEPS).map((step, at) => (
          <li key={step.seq}>
            <button
              type="button"
              onClick={() => inspector.goTo(step.seq)}
              aria-current={step.seq === state?.seq}
            >
              <span class="details-time">{clockTime(step.atMs)}</span>
              <span>
                {[...new Set(step.edges.map((edge) => edgeWords(edge).event))].join(', ')}
                <span class="quiet">{arrivalText(step, steps[at + 1])}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
};
