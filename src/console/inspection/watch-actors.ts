// Who lives among the statecharts, who receives what, and where each one is: what both inspector protocols tell. Only
// names get this far, and of contexts what the list allows: no payload, input, output or error.
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';
import type { Observer } from './observers.js';

export interface WatchedActor {
  /** XState's session id: unique in the process. */
  readonly session: string;
  readonly parent: string | null;
  /** Session of the actor that has no parent. */
  readonly root: string;
  /** As its parent calls it; a root is called as its machine. */
  readonly id: string;
  /** Undefined for a promise or a callback. */
  readonly machine: AnyStateMachine | undefined;
}

export interface ActorState {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** Undefined for a promise or a callback. */
  readonly value: StateValue | undefined;
  readonly tags: readonly string[];
  readonly context: Readonly<Record<string, unknown>>;
  /** Type of the event that led here. */
  readonly after: string;
}

export interface LivingActor {
  readonly actor: WatchedActor;
  readonly state: ActorState;
}

export interface ActorListener {
  began(actor: WatchedActor, state: ActorState): void;
  /** @param from session of the sender; null for one outside the statecharts */
  received(actor: WatchedActor, from: string | null, type: string): void;
  moved(actor: WatchedActor, state: ActorState): void;
  ended(actor: WatchedActor): void;
}

export interface ActorWatch {
  readonly observe: Observer;
  /** Parents before their children. */
  living(): readonly LivingActor[];
  /** @returns how to stop */
  listen(listener: ActorListener): () => void;
}

interface Life {
  readonly actor: WatchedActor;
  readonly ref: AnyActorRef;
  after: string;
}

type Snapshot = Pick<ActorState, 'status'>;

const INIT = 'xstate.init';
/** Fewer than this are not worth looking through for those that died unheard. */
const SMALL_CROWD = 64;

const isOfMachine = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'machine' in snapshot;

/** @param listed what may be shown of the context of the machine with that id */
export const watchActors = (
  listed: (machine: string, context: unknown) => Readonly<Record<string, unknown>>,
): ActorWatch => {
  const lives = new Map<AnyActorRef, Life>();
  let listeners: readonly ActorListener[] = [];
  let pruneAt = SMALL_CROWD;

  const stateFrom = ({ actor, after }: Life, snapshot: Snapshot): ActorState => {
    const { status } = snapshot;
    if (!isOfMachine(snapshot)) return { status, value: undefined, tags: [], context: {}, after };
    const context = listed(actor.machine?.id ?? '', snapshot.context);
    return { status, value: snapshot.value, tags: [...snapshot.tags], context, after };
  };

  const stateNow = (life: Life): ActorState => stateFrom(life, life.ref.getSnapshot());

  const move = (life: Life, snapshot: Snapshot, after: string): void => {
    life.after = after;
    if (listeners.length > 0) {
      const state = stateFrom(life, snapshot);
      for (const listener of listeners) listener.moved(life.actor, state);
    }
    if (snapshot.status !== 'active') end(life);
  };

  const end = (life: Life): void => {
    lives.delete(life.ref);
    for (const listener of listeners) listener.ended(life.actor);
  };

  /** A root whose action threw ends without a word. */
  const prune = (): void => {
    for (const life of [...lives.values()]) if (life.ref.getSnapshot().status !== 'active') end(life);
    pruneAt = 2 * lives.size + SMALL_CROWD;
  };

  const begin = (ref: AnyActorRef, root: string): Life => {
    const snapshot: unknown = ref.getSnapshot();
    const machine = isOfMachine(snapshot) ? snapshot.machine : undefined;
    const { sessionId: session } = ref;
    const actor: WatchedActor = {
      session,
      parent: ref._parent?.sessionId ?? null,
      root,
      id: ref.id === session ? (machine?.id ?? session) : ref.id,
      machine,
    };
    const life: Life = { actor, ref, after: INIT };
    if (lives.size >= pruneAt) prune();
    lives.set(ref, life);
    if (listeners.length > 0) {
      const state = stateNow(life);
      for (const listener of listeners) listener.began(actor, state);
    }
    return life;
  };

  return {
    // An actor counts from its first event on: one that is made and never started has nothing to show.
    observe: (event) => {
      if (event.type !== '@xstate.event' && event.type !== '@xstate.snapshot') return;
      const ref = event.actorRef as AnyActorRef;
      const { type } = event.event;
      if (event.type === '@xstate.snapshot') {
        const life = lives.get(ref);
        const snapshot = event.snapshot as Snapshot;
        // Where it begins was told with it.
        if (life === undefined || (type === INIT && snapshot.status === 'active')) return;
        move(life, snapshot, type);
        return;
      }
      // One whose action threw has no last snapshot, but its parent hears of it; so does the parent of one that is done.
      const sender = event.sourceRef === undefined ? undefined : lives.get(event.sourceRef as AnyActorRef);
      if (sender !== undefined) {
        const snapshot = sender.ref.getSnapshot();
        if (snapshot.status !== 'active') move(sender, snapshot, type);
      }
      const { status } = ref.getSnapshot();
      const isThere = status === 'active' || (type === INIT && status === 'done');
      const life = lives.get(ref) ?? (isThere ? begin(ref, event.rootId) : undefined);
      if (life === undefined) return;
      for (const listener of listeners)
        listener.received(life.actor, event.sourceRef?.sessionId ?? null, type);
    },
    living: () => {
      prune();
      return [...lives.values()].map((life) => ({ actor: life.actor, state: stateNow(life) }));
    },
    listen: (listener) => {
      listeners = [...listeners, listener];
      return () => {
        listeners = listeners.filter((one) => one !== listener);
      };
    },
  };
};
