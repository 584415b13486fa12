// An attempt's states side by side, as long as they lasted. For eyes only: the same is in the list of its states.
import './timeline-bar.css';
import { duration } from '../../look/durations.js';
import type { Attempt } from './attempts.js';
import { phaseOf } from './phases.js';

/** Of a thousand: the shortest that is still seen. */
const THINNEST = 4;

interface Segment {
  readonly key: number;
  readonly state: string;
  readonly ms: number;
  readonly x: number;
  readonly width: number;
}

/** @param nowMs the end of what still lasts */
const segmentsOf = ({ steps, beganMs, endedMs }: Attempt, nowMs: number): readonly Segment[] => {
  const totalMs = Math.max(1, (endedMs ?? nowMs) - beganMs);
  return steps.map(({ state, atMs, endMs }, key) => {
    const ms = Math.max(0, (endMs ?? nowMs) - atMs);
    return {
      key,
      state,
      ms,
      x: (1_000 * (atMs - beganMs)) / totalMs,
      width: Math.max(THINNEST, (1_000 * ms) / totalMs),
    };
  });
};

export const TimelineBar = ({ attempt, nowMs }: { readonly attempt: Attempt; readonly nowMs: number }) => (
  <svg class="timeline" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
    {segmentsOf(attempt, nowMs).map(({ key, state, ms, x, width }) => (
      <rect
        key={key}
        class={`phase-${phaseOf(state)}`}
        x={Math.min(x, 1_000 - THINNEST)}
        width={width}
        height="10"
      >
        <title>{`${state}, ${duration(ms)}`}</title>
      </rect>
    ))}
  </svg>
);
