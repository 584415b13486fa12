// Stand-in for anything a machine invokes or spawns: does nothing by itself, remembers what it was given and sent,
// and ends only when the test says how. Everything happens synchronously, so a walk needs no waiting.
import type { ActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate';

export interface ControlledActor {
  /** Name in the machine's `actors`. */
  readonly src: string;
  /** The id it was invoked or spawned under. */
  readonly id: string;
  readonly input: unknown;
  /** Events the machine sent to it, oldest first. */
  readonly received: readonly EventObject[];
  /** True from its start until it settles or its state is left. */
  readonly alive: boolean;
  /** How it ended; undefined while alive. */
  readonly ended: 'done' | 'failed' | 'stopped' | undefined;
  /** Settles it as a promise that resolves, or a child machine that finishes. */
  finish(output?: unknown): void;
  /** Settles it as a promise that rejects, or a service that throws. */
  fail(error: unknown): void;
  /** Sends an event to the machine as the service would with `sendBack`. */
  sendBack(event: EventObject): void;
}

const FINISH = 'controlled.finish';
const FAIL = 'controlled.fail';

type ControlledSnapshot = Snapshot<unknown> & { input: unknown };
type ControlledLogic = ActorLogic<ControlledSnapshot, EventObject, unknown>;

class Controlled implements ControlledActor {
  readonly received: EventObject[] = [];
  ended: ControlledActor['ended'];

  constructor(
    readonly src: string,
    readonly self: AnyActorRef,
    readonly input: unknown,
  ) {}

  get id(): string {
    return this.self.id;
  }

  get alive(): boolean {
    return this.ended === undefined;
  }

  finish(output?: unknown): void {
    this.self.send({ type: FINISH, output });
  }

  fail(error: unknown): void {
    this.self.send({ type: FAIL, error });
  }

  sendBack(event: EventObject): void {
    const { _parent: parent } = this.self as AnyActorRef & { readonly _parent?: AnyActorRef };
    parent?.send(event);
  }
}

/** For each actor system the stand-ins that started in it, oldest first. */
export type Rolls = WeakMap<object, ControlledActor[]>;

/** @param rolls where each actor that starts enters itself */
export const controlledLogic = (src: string, rolls: Rolls): ControlledLogic => {
  const entries = new WeakMap<object, Controlled>();
  return {
    getInitialSnapshot: (_scope, input) => ({ status: 'active', output: undefined, error: undefined, input }),
    getPersistedSnapshot: (snapshot) => snapshot,
    start(snapshot, { self }) {
      const entry = new Controlled(src, self, snapshot.input);
      entries.set(self, entry);
      rolls.get(self.system)?.push(entry);
    },
    transition(snapshot, event, { self }) {
      const entry = entries.get(self);
      if (!entry || snapshot.status !== 'active') return snapshot;
      const { output, error } = event as EventObject & { output?: unknown; error?: unknown };
      switch (event.type) {
        case FINISH:
          entry.ended = 'done';
          return { ...snapshot, status: 'done', output } as ControlledSnapshot;
        case FAIL:
          entry.ended = 'failed';
          return { ...snapshot, status: 'error', error } as ControlledSnapshot;
        case 'xstate.stop':
          entry.ended = 'stopped';
          return { ...snapshot, status: 'stopped' } as ControlledSnapshot;
        default:
          entry.received.push(event);
          return snapshot;
      }
    },
  };
};
