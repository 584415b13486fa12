// One attempt: a line, and behind it its states with their durations and what the journal knows.
import { whole } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { clockTime, dayTime, duration } from '../../look/durations.js';
import { type Fact, Facts } from '../../look/facts.js';
import type { NodeAccess } from '../shell/node-access.js';
import { toneOfOutcome } from '../words/tones.js';
import type { Attempt } from './attempts.js';
import { phaseOf } from './phases.js';
import { TimelineBar } from './timeline-bar.js';

interface AttemptRowProps {
  readonly attempt: Attempt;
  readonly node: NodeAccess;
  readonly hasNetworks: boolean;
}

const Took = ({ attempt, nowMs }: { readonly attempt: Attempt; readonly nowMs: number }) => {
  const { beganMs, endedMs, outcome } = attempt;
  if (endedMs !== null) return <>{duration(endedMs - beganMs)}</>;
  return <>{outcome === null ? duration(nowMs - beganMs) : '–'}</>;
};

export const AttemptRow = ({ attempt, node, hasNetworks }: AttemptRowProps) => {
  const { job, attempt: number, model, network, outcome, state, beganMs, steps } = attempt;
  // Only those that live go with the time.
  const nowMs = outcome === null ? node.feed.nowMs.value : (attempt.endedMs ?? beganMs);
  return (
    <li>
      <details class="attempt">
        <summary>
          <span>
            <code>…{job.slice(-10)}</code>
            {number > 1 ? <span class="quiet"> ×{number}</span> : null}
          </span>
          <span class="attempt-model">
            {model ?? '–'}
            {hasNetworks && network !== null ? <span class="quiet"> {network}</span> : null}
          </span>
          <span>
            {outcome === null ? (
              <Badge isLive tone="info">
                {state}
              </Badge>
            ) : (
              <Badge tone={toneOfOutcome(outcome)}>{outcome}</Badge>
            )}
          </span>
          <span class="attempt-bar">
            {steps.length === 0 ? null : <TimelineBar attempt={attempt} nowMs={nowMs} />}
          </span>
          <span class="attempt-began">{clockTime(beganMs)}</span>
          <span class="attempt-took">
            <Took attempt={attempt} nowMs={nowMs} />
          </span>
        </summary>
        <div class="attempt-more">
          <Steps attempt={attempt} nowMs={nowMs} />
          <Facts facts={factsOf(attempt)} />
        </div>
      </details>
    </li>
  );
};

const Steps = ({ attempt, nowMs }: { readonly attempt: Attempt; readonly nowMs: number }) => {
  if (attempt.steps.length === 0) {
    return <p class="quiet">Its states were not seen: it ran before the node was started.</p>;
  }
  return (
    <ol class="steps" aria-label="States">
      {attempt.steps.map(({ state, atMs, endMs }) => (
        <li key={`${state} ${atMs}`} class="step">
          <span class={`phase-dot phase-${phaseOf(state)}`} />
          <span>{state}</span>
          <span>{clockTime(atMs)}</span>
          <span>{duration((endMs ?? nowMs) - atMs)}</span>
        </li>
      ))}
    </ol>
  );
};

const factsOf = ({ job, attempt, network, line, beganMs, state, outcome }: Attempt): readonly Fact[] => [
  ['Job', <code key="job">{job}</code>],
  ['Attempt', String(attempt)],
  ['Network', network],
  ['Began', dayTime(beganMs, Date.now())],
  ['State', state],
  ['Outcome', outcome],
  ['Kind', line === null ? null : `${line.endpoint}, ${line.mode}`],
  ['Journal', line === null ? 'not accepted: not recorded' : line.state],
  [
    'Tokens',
    line?.promptTokens == null
      ? null
      : `${whole(line.promptTokens)} in, ${whole(line.completionTokens ?? 0)} out`,
  ],
  ['First token', line?.firstTokenMs == null ? null : duration(line.firstTokenMs)],
  ['Inference', line?.totalMs == null ? null : duration(line.totalMs)],
  ['Receipt', line?.receiptSeq == null ? null : whole(line.receiptSeq)],
  ['Verdict', line?.verdict ?? null],
];
