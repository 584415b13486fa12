// Makes the inspector's records of what XState reports: who lives, who sent what to whom, where each one is. It looks at
// types, ids and listed parts of contexts; payloads, inputs, outputs and errors are never read.
import type {
  ActorRefLike,
  AnyActor,
  AnyMachineSnapshot,
  AnyTransitionDefinition,
  InspectionEvent,
  Snapshot,
} from 'xstate';
import { transitionKey } from '../../machines/chart-model.js';
import type { ActorRecord, FeedRecord, LivingActor, StateRecord } from '../feed/feed-records.js';
import { listedContext } from './context-list.js';
import { createRing } from './ring.js';
import { networkOfRoot } from './root-names.js';

/** Records kept for viewers who come late. */
const KEPT_RECORDS = 2_000;

/** Every actor begins with it; its record says so already. */
const BEGIN = 'xstate.init';
/** Some kinds of actors do not say themselves that they are stopped. */
const STOP = 'xstate.stop';
const ENDED_BY_ITSELF = /^xstate\.(?:done|error)\.actor\./;
/** What a promise's actor tells itself. */
const OF_A_PROMISE = /^xstate\.promise\./;

export interface FeedRecorder {
  readonly observe: (event: InspectionEvent) => void;
  /** The newest, oldest first. */
  recent(): FeedRecord[];
  /** Who lives now, and where it is: parents before their children. */
  living(): LivingActor[];
  /** @returns how to stop listening */
  onRecord(listener: (record: FeedRecord) => void): () => void;
  /** Notices roots whose statechart threw: XState says nothing of those. */
  noticeCrashes(): void;
}

interface Living {
  readonly actor: AnyActor;
  readonly record: ActorRecord;
  /** Id of its machine, in the catalog or not. */
  readonly machine: string | null;
  state: StateRecord | null;
  snapshot: Snapshot<unknown> | null;
  context: ShownContext;
}

/** A context and what is shown of it: worked out when somebody looks, for most are seen by nobody. */
interface ShownContext {
  readonly seen: unknown;
  shown(): Record<string, unknown>;
}

const NO_CONTEXT: ShownContext = { seen: undefined, shown: () => ({}) };

const shownContext = (machine: string, seen: unknown): ShownContext => {
  let shown: Record<string, unknown> | undefined;
  return {
    seen,
    shown: () => {
      shown ??= listedContext(machine, seen);
      return shown;
    },
  };
};

export interface FeedRecorderParts {
  /** Names of the catalog's machines. */
  readonly machines: readonly string[];
  readonly nowMs: () => number;
}

export const createFeedRecorder = ({ machines, nowMs }: FeedRecorderParts): FeedRecorder => {
  const ring = createRing<FeedRecord>(KEPT_RECORDS);
  const listeners = new Set<(record: FeedRecord) => void>();
  const living = new Map<string, Living>();
  /** Transitions of the step under way; also of actors that are made and not begun, which may never be. */
  const taken = new WeakMap<ActorRefLike, string[]>();
  let seq = 0;

  const stamp = (): { seq: number; atMs: number } => ({ seq: seq++, atMs: nowMs() });

  const tell = (record: FeedRecord): void => {
    ring.add(record);
    for (const listener of listeners) listener(record);
  };

  const begin = (ref: ActorRefLike): void => {
    const actor = ref as AnyActor;
    const parent = parentOf(actor);
    const machine = machineOf(actor);
    const record: ActorRecord = {
      kind: 'actor',
      ...stamp(),
      actor: actor.sessionId,
      parent: parent?.sessionId ?? null,
      id: actor.id,
      machine: machine !== null && machines.includes(machine) ? machine : null,
      network:
        parent === undefined
          ? networkOfRoot(actor.id)
          : (living.get(parent.sessionId)?.record.network ?? null),
    };
    living.set(actor.sessionId, {
      actor,
      record,
      machine,
      state: null,
      snapshot: null,
      context: NO_CONTEXT,
    });
    tell(record);
  };

  const noteState = (
    one: Living,
    snapshot: Snapshot<unknown>,
    status: StateRecord['status'] = snapshot.status,
  ): void => {
    const edges = taken.get(one.actor) ?? [];
    if (edges.length === 0 && snapshot === one.snapshot && status === one.state?.status) return;
    taken.delete(one.actor);
    const of = isOfMachine(snapshot) ? snapshot : undefined;
    if (of !== undefined && one.machine !== null && of.context !== one.context.seen) {
      one.context = shownContext(one.machine, of.context);
    }
    const { context } = one;
    one.snapshot = snapshot;
    one.state = {
      kind: 'state',
      ...stamp(),
      actor: one.record.actor,
      status,
      nodes: of === undefined ? [] : idsOf(of),
      edges,
      get context() {
        return context.shown();
      },
    };
    if (status !== 'active') living.delete(one.record.actor);
    tell(one.state);
  };

  const noteEvent = (source: ActorRefLike | undefined, target: ActorRefLike, type: string): void => {
    if (type === BEGIN) {
      begin(target);
      return;
    }
    const sender = source && living.get(source.sessionId);
    // Its parent hears of an actor's end before the observers do: here the end comes first.
    if (sender !== undefined && ENDED_BY_ITSELF.test(type)) noteState(sender, sender.actor.getSnapshot());
    if (!living.has(target.sessionId) || OF_A_PROMISE.test(type)) return;
    tell({
      kind: 'event',
      ...stamp(),
      from: source?.sessionId ?? null,
      to: target.sessionId,
      type: type.slice(0, 256),
    });
  };

  const noteTransitions = (actor: ActorRefLike, transitions: readonly AnyTransitionDefinition[]): void => {
    if (transitions.length === 0) return;
    const keys = taken.get(actor) ?? [];
    for (const transition of transitions) keys.push(keyOf(transition));
    taken.set(actor, keys);
  };

  return {
    observe: (event) => {
      if (event.type === '@xstate.event') {
        noteEvent(event.sourceRef, event.actorRef, event.event.type);
      } else if (event.type === '@xstate.microstep') {
        noteTransitions(event.actorRef, event._transitions);
      } else if (event.type === '@xstate.snapshot') {
        const one = living.get(event.actorRef.sessionId);
        const isStopped = event.event.type === STOP;
        if (one !== undefined) noteState(one, event.snapshot, isStopped ? 'stopped' : event.snapshot.status);
      }
    },
    recent: ring.list,
    living: () => [...living.values()].map(({ record, state }) => ({ ...record, state })),
    onRecord: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    noticeCrashes: () => {
      for (const one of [...living.values()]) {
        if (one.record.parent !== null) continue;
        const snapshot: Snapshot<unknown> = one.actor.getSnapshot();
        if (snapshot.status === 'error') noteState(one, snapshot);
      }
    },
  };
};

/** In the order of the document: XState keeps them in the order in which they were entered. */
const idsOf = ({ _nodes }: AnyMachineSnapshot): string[] =>
  [..._nodes].sort((one, other) => one.order - other.order).map(({ id }) => id);

const isOfMachine = (snapshot: Snapshot<unknown>): snapshot is AnyMachineSnapshot =>
  'machine' in snapshot && '_nodes' in snapshot;

const parentOf = (actor: AnyActor): AnyActor | undefined => actor._parent as AnyActor | undefined;

const machineOf = ({ logic }: AnyActor): string | null =>
  typeof logic === 'object' && logic !== null && 'root' in logic && 'id' in logic ? String(logic.id) : null;

/** Finding a transition among its siblings takes time, and it never changes. */
const keys = new WeakMap<AnyTransitionDefinition, string>();
const keyOf = (transition: AnyTransitionDefinition): string => {
  const known = keys.get(transition);
  if (known !== undefined) return known;
  const key = transitionKey(transition);
  keys.set(transition, key);
  return key;
};
