// Attempts as the page shows them: what the feed saw of each, and what the journal recorded, put together.
import type { JobTimeline } from '../../../src/console/feed/feed-messages.js';
import type { JobLine } from '../../../src/console/node-view.js';
import { jobKey } from '../feed/feed-state.js';

export interface Step {
  readonly state: string;
  readonly atMs: number;
  /** Null while it lasts. */
  readonly endMs: number | null;
}

export interface Attempt {
  readonly key: string;
  readonly network: string | null;
  readonly job: string;
  readonly attempt: number;
  readonly model: string | null;
  /** Where it is, or how far the journal has it. */
  readonly state: string;
  /** Null while it lives. */
  readonly outcome: string | null;
  readonly beganMs: number;
  /** Null while it lives, and for those the feed has not seen. */
  readonly endedMs: number | null;
  /** Empty for those that ended before the node started. */
  readonly steps: readonly Step[];
  /** Null for those that were never accepted. */
  readonly line: JobLine | null;
}

const stepsOf = ({ steps, endedMs }: JobTimeline): readonly Step[] =>
  steps.map(({ state, atMs }, index) => ({ state, atMs, endMs: steps[index + 1]?.atMs ?? endedMs }));

const seen = (timeline: JobTimeline, line: JobLine | null): Attempt => ({
  key: jobKey(timeline),
  network: timeline.network,
  job: timeline.job,
  attempt: timeline.attempt,
  model: timeline.model ?? line?.model ?? null,
  state: timeline.steps.at(-1)?.state ?? line?.state ?? 'received',
  outcome: timeline.outcome === null ? null : (line?.outcome ?? timeline.outcome),
  beganMs: timeline.steps[0]?.atMs ?? line?.acceptedMs ?? timeline.endedMs ?? 0,
  endedMs: timeline.endedMs,
  steps: stepsOf(timeline),
  line,
});

const recorded = (key: string, line: JobLine): Attempt => ({
  key,
  network: line.network ?? null,
  job: line.job,
  attempt: line.attempt,
  model: line.model,
  state: line.state,
  outcome: line.outcome,
  beganMs: line.acceptedMs,
  endedMs: line.totalMs === null ? null : line.acceptedMs + line.totalMs,
  steps: [],
  line,
});

/** @returns newest first */
export const attemptsOf = (
  timelines: readonly JobTimeline[],
  lines: readonly JobLine[],
): readonly Attempt[] => {
  const lineOf = new Map(
    lines.map((line) => [
      jobKey({ network: line.network ?? null, job: line.job, attempt: line.attempt }),
      line,
    ]),
  );
  const all = timelines.map((timeline) => {
    const key = jobKey(timeline);
    const line = lineOf.get(key) ?? null;
    lineOf.delete(key);
    return seen(timeline, line);
  });
  return [...all, ...[...lineOf].map(([key, line]) => recorded(key, line))].sort(
    (one, other) => other.beganMs - one.beganMs,
  );
};

/** In the place of an outcome, for those that live. */
export const RUNNING = 'running';

/** What is asked for; empty where anything will do. */
export interface Wanted {
  readonly text: string;
  readonly state: string;
  readonly outcome: string;
}

export const isWanted =
  ({ text, state, outcome }: Wanted) =>
  (attempt: Attempt): boolean =>
    (text === '' ||
      [attempt.job, attempt.model ?? '', attempt.network ?? ''].some((one) =>
        one.toLowerCase().includes(text.toLowerCase()),
      )) &&
    (state === '' || attempt.state === state) &&
    (outcome === '' || (attempt.outcome ?? RUNNING) === outcome);
