// How long each attempt spent in which state, put together from the records of the job statecharts.
import { z } from 'zod';
import type { JobTimeline } from '../feed/feed-messages.js';
import type { ActorRecord, FeedRecord, StateRecord } from '../feed/feed-records.js';

/** Attempts kept, those that live among them. */
const KEPT_ATTEMPTS = 200;
const MACHINE = 'job';

export interface JobTimelines {
  note(record: FeedRecord): void;
  /** Oldest first. */
  list(): JobTimeline[];
  /** Calls back with each attempt that changed. @returns how to stop listening */
  onChange(listener: (timeline: JobTimeline) => void): () => void;
}

/** The part of a job's listed context a timeline is made of. */
const facts = z.object({
  job: z.string(),
  attempt: z.int(),
  model: z.string().nullable().catch(null),
});

const ended = z.object({ outcome: z.string().nullable().catch(null) });

/** @param networkName of the network at this position in the owner's order */
export const createJobTimelines = (networkName: (at: number) => string | null): JobTimelines => {
  const listeners = new Set<(timeline: JobTimeline) => void>();
  /** Oldest first, by actor: a slot is used again by another actor. */
  const timelines = new Map<string, JobTimeline>();
  const networks = new Map<string, number | null>();

  const begin = (actor: ActorRecord): void => {
    if (actor.machine === MACHINE) networks.set(actor.actor, actor.network);
  };

  const move = (record: StateRecord): void => {
    const network = networks.get(record.actor);
    if (network === undefined) return;
    const hasEnded = record.status !== 'active';
    if (hasEnded) networks.delete(record.actor);
    const known = timelines.get(record.actor) ?? beginning(record, network);
    if (known === undefined) return;
    const state = deepestOf(record.nodes);
    const timeline = hasEnded
      ? { ...known, endedMs: record.atMs, outcome: outcomeOf(record, state) }
      : withStep(known, state, record.atMs);
    if (timeline === known) return;
    timelines.set(record.actor, timeline);
    makeRoom();
    for (const listener of listeners) listener(timeline);
  };

  const beginning = ({ context }: StateRecord, network: number | null): JobTimeline | undefined => {
    const parsed = facts.safeParse(context);
    if (!parsed.success) return undefined;
    const { job, attempt, model } = parsed.data;
    const name = network === null ? null : networkName(network);
    return { network: name, job, attempt, model, steps: [], endedMs: null, outcome: null };
  };

  /** The oldest that are over go first; one that lives goes only if all do. */
  const makeRoom = (): void => {
    if (timelines.size <= KEPT_ATTEMPTS) return;
    const [oldest] = timelines.keys();
    const over = [...timelines].find(([, { endedMs }]) => endedMs !== null);
    timelines.delete(over?.[0] ?? oldest ?? '');
  };

  return {
    note: (record) => {
      if (record.kind === 'actor') begin(record);
      else if (record.kind === 'state') move(record);
    },
    list: () => [...timelines.values()],
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

const withStep = (timeline: JobTimeline, state: string | null, atMs: number): JobTimeline =>
  state === null || timeline.steps.at(-1)?.state === state
    ? timeline
    : { ...timeline, steps: [...timeline.steps, { state, atMs }] };

/** An attempt that was carried out to its end ended as its execution did; any other by the name of its last state. */
const outcomeOf = ({ context, status }: StateRecord, state: string | null): string => {
  if (status !== 'done' || state === null) return status;
  const { outcome } = ended.parse(context);
  return state === 'concluded' && outcome !== null ? outcome : state;
};

/** `job.executing.running` reads `executing.running`; of regions that are active at once the last one counts. */
const deepestOf = (nodes: readonly string[]): string | null => {
  const deepest = nodes.reduce((found, node) => (depthOf(node) >= depthOf(found) ? node : found), '');
  return deepest.startsWith(`${MACHINE}.`) ? deepest.slice(MACHINE.length + 1) : null;
};

const depthOf = (node: string): number => node.split('.').length;
