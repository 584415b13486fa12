// Whose chart is shown: that of one actor, or of a statechart whoever runs it.
import type { FeedRecord, StateRecord } from '../../../../src/console/feed/feed-records.js';
import { type ActorView, isLiving, type Situation } from './situation.js';

export type Selection = { readonly actor: string } | { readonly machine: string } | null;

export interface Shown {
  /** Name of the chart; null where an actor is no statechart. */
  readonly machine: string | null;
  /** The actor whose chart it is; null where it is nobody's alone, or nobody is there at this moment. */
  readonly actor: ActorView | null;
  /** Ids of the states to light. */
  readonly nodes: readonly string[];
  /** Transitions that led there. */
  readonly edges: readonly string[];
}

const NOBODY: Shown = { machine: null, actor: null, nodes: [], edges: [] };

const newest = (views: readonly ActorView[]): ActorView | undefined =>
  [...views].sort((a, b) => (b.state?.seq ?? b.actor.seq) - (a.state?.seq ?? a.actor.seq))[0];

const ofActor = (view: ActorView): Shown => ({
  machine: view.actor.machine,
  actor: view,
  nodes: view.state?.nodes ?? [],
  edges: view.state?.edges ?? [],
});

const ofMachine = (machine: string, views: readonly ActorView[]): Shown => {
  const living = views.filter(isLiving);
  const latest = newest(living);
  return {
    machine,
    actor: living.length === 1 ? (living[0] ?? null) : null,
    nodes: [...new Set(living.flatMap(({ state }) => state?.nodes ?? []))],
    edges: latest?.state?.edges ?? [],
  };
};

/** What a selection shows at a moment. Without one it is the first statechart that lives. */
export const shownAt = (situation: Situation, selection: Selection): Shown => {
  const views = [...situation.actors.values()];
  if (selection !== null && 'machine' in selection) {
    return ofMachine(
      selection.machine,
      views.filter(({ actor }) => actor.machine === selection.machine),
    );
  }
  const chosen = selection === null ? undefined : situation.actors.get(selection.actor);
  if (chosen !== undefined) return ofActor(chosen);
  if (selection !== null) return NOBODY;
  const first = views.find(({ actor, state }) => actor.machine === 'node' && state !== null) ?? views[0];
  return first === undefined ? NOBODY : ofActor(first);
};

/**
 * Who takes the place of a selected actor that has ended, so that job after job is seen: the newest living one of the same
 * statechart and network.
 * @returns null where the selected one still lives, or nobody takes its place
 */
export const successorOf = (situation: Situation, actor: string): string | null => {
  const ended = situation.actors.get(actor);
  if (ended === undefined || isLiving(ended) || ended.actor.machine === null) return null;
  const { machine, network } = ended.actor;
  const next = [...situation.actors.values()]
    .filter((view) => isLiving(view) && view.actor.machine === machine && view.actor.network === network)
    .sort((a, b) => b.actor.seq - a.actor.seq)[0];
  return next?.actor.actor ?? null;
};

/** The state records of an actor up to a moment, newest first. */
export const stepsOf = (
  records: readonly FeedRecord[],
  actor: string,
  seq: number,
  limit: number,
): StateRecord[] => {
  const steps: StateRecord[] = [];
  for (let index = records.length - 1; index >= 0 && steps.length < limit; index -= 1) {
    const record = records[index];
    if (record?.kind === 'state' && record.seq <= seq && record.actor === actor && record.edges.length > 0) {
      steps.push(record);
    }
  }
  return steps;
};

/** Transitions of some actors after one moment and until another: what has just fired. */
export const firedBetween = (
  records: readonly FeedRecord[],
  isWanted: (actor: string) => boolean,
  afterSeq: number,
  untilSeq: number,
): string[] => {
  const fired = new Set<string>();
  for (let index = records.length - 1; index >= 0; index -= 1) {
    const record = records[index];
    if (record === undefined || record.seq <= afterSeq) break;
    if (record.seq > untilSeq || record.kind !== 'state' || !isWanted(record.actor)) continue;
    for (const edge of record.edges) fired.add(edge);
  }
  return [...fired];
};
