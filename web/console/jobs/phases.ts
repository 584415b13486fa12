// The states of an attempt, gathered into the few phases a reader thinks in; each has a colour.

export type Phase = 'intake' | 'queue' | 'inference' | 'signing' | 'delivery' | 'end';

export const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  intake: 'Checked and recorded',
  queue: 'Waits for a slot',
  inference: 'Inference',
  signing: 'Signed',
  delivery: 'Delivered',
  end: 'Concluded',
};

/** By the chart's names; see statecharts/job.svg. The first that fits counts. */
const PHASES: readonly (readonly [start: string, phase: Phase])[] = [
  ['executing.queued', 'queue'],
  ['executing', 'inference'],
  ['signing', 'signing'],
  ['delivering', 'delivery'],
  ['conclud', 'end'],
  ['declin', 'end'],
  ['abandoned', 'end'],
  ['released', 'end'],
];

/** @param state e.g. `executing.running` */
export const phaseOf = (state: string): Phase =>
  PHASES.find(([start]) => state.startsWith(start))?.[1] ?? 'intake';
