// A real machine on a test bench: its services are controlled stand-ins, its clock stands still, and every
// transition it takes is counted.
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
  type EventObject,
  fromTransition,
  type InspectionEvent,
} from 'xstate';
import { descendants, transitionKey } from '../../src/machines/chart-model.js';
import { type ControlledActor, controlledLogic, type Rolls } from './controlled-actor.js';
import { type Schedule, SteeredClock } from './steered-clock.js';

export type Provided = Parameters<AnyStateMachine['provide']>[0];

export interface RigOptions {
  readonly input?: unknown;
  /** Replaces actions, guards, delays, or stand-ins by implementations of your own. */
  readonly provide?: Provided;
  /** Runs the machine as the child of a parent that only listens, for machines that send to their parent. */
  readonly withParent?: boolean;
  /** Watches as well. */
  readonly inspect?: (event: InspectionEvent) => void;
}

/** A machine with its services replaced, to be started as often as needed: providing them is the costly part. */
export interface Bench {
  readonly machine: AnyStateMachine;
  readonly rolls: Rolls;
}

export const prepareBench = (machine: AnyStateMachine, provide?: Provided): Bench => {
  const rolls: Rolls = new WeakMap();
  const names = new Set(Object.keys(machine.implementations.actors));
  for (const node of descendants(machine.root)) for (const { src } of node.invoke) names.add(String(src));
  const actors = Object.fromEntries([...names].map((src) => [src, controlledLogic(src, rolls)]));
  return { machine: machine.provide({ ...provide, actors: { ...actors, ...provide?.actors } }), rolls };
};

/** What a machine has done so far. */
export interface Coverage {
  readonly transitions: Set<string>;
  readonly states: Set<string>;
}

export class Rig {
  readonly clock = new SteeredClock();
  /** Every service that ever started, oldest first. */
  readonly services: ControlledActor[] = [];
  /** Events sent to the parent; only with `withParent`. */
  readonly sentToParent: EventObject[] = [];
  readonly emitted: EventObject[] = [];
  readonly covered: Coverage = { transitions: new Set(), states: new Set() };
  /** Keys of the transitions taken since the last {@link takeSteps}. */
  #steps: string[] = [];
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  readonly #actor: AnyActorRef & { getSnapshot(): AnyMachineSnapshot };
  readonly #root: { stop(): void };
  #failure: { error: unknown } | undefined;

  /** @param machine a machine, or the bench of one that is started many times */
  constructor(machine: AnyStateMachine | Bench, options: RigOptions = {}) {
    const bench = 'rolls' in machine ? machine : prepareBench(machine, options.provide);
    this.machine = bench.machine;
    this.input = options.input;
    const inspect = (event: InspectionEvent): void => {
      this.#observe(event);
      options.inspect?.(event);
    };
    const parent = options.withParent
      ? createActor(
          fromTransition((heard: null, event: EventObject) => {
            this.sentToParent.push(event);
            return heard;
          }, null),
          { clock: this.clock, inspect },
        ).start()
      : undefined;
    const actor = createActor(
      this.machine,
      parent
        ? { parent, input: options.input, id: this.machine.id }
        : { clock: this.clock, inspect, input: options.input },
    );
    this.#actor = actor;
    this.#root = parent ?? actor;
    bench.rolls.set(actor.system, this.services);
    this.clock.attach(() => (actor.system as unknown as { getSnapshot(): Schedule }).getSnapshot());
    actor.subscribe({
      error: (error: unknown) => {
        this.#failure = { error };
      },
    });
    actor.on('*', (event: EventObject) => void this.emitted.push(event));
    for (const node of this.snapshot._nodes) this.covered.states.add(node.id);
    actor.start();
  }

  get snapshot(): AnyMachineSnapshot {
    return this.#actor.getSnapshot();
  }

  get sessionId(): string {
    return this.#actor.sessionId;
  }

  /** What killed the machine, if something did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Services that run now; of one name only, if given. */
  running(src?: string): ControlledActor[] {
    return this.services.filter((service) => service.alive && (src === undefined || service.src === src));
  }

  /**
   * The running service with this actor id.
   * @throws Error nothing runs under that id
   */
  service(id: string): ControlledActor {
    const found = this.running().find((service) => service.id === id);
    if (found) return found;
    const alive = this.running().map((service) => service.id);
    throw new Error(`no service runs under the id ${id}; running: ${alive.join(', ') || 'none'}`);
  }

  /** Sends the machine an event, as a service's `sendBack` or a parent would. */
  send(event: EventObject): void {
    this.#actor.send(event);
  }

  /** Settles the service under this id as done. */
  finish(id: string, output?: unknown): void {
    this.service(id).finish(output);
  }

  /** Settles the service under this id as failed. */
  fail(id: string, error: unknown = new Error('it failed')): void {
    this.service(id).fail(error);
  }

  /** Lets time pass, firing the timers that fall due. */
  elapse(ms: number): void {
    this.clock.increment(ms);
  }

  /**
   * Makes an event of the model happen the way it would in life: `xstate.done.actor.ID` and `xstate.error.actor.ID`
   * settle the service, a pending timer's event fires that timer, all else is sent.
   */
  perform(event: EventObject): void {
    const settled = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event.type);
    const { output, error } = event as EventObject & { output?: unknown; error?: unknown };
    if (settled?.[1] === 'done') this.finish(settled[2] ?? '', output);
    else if (settled) this.fail(settled[2] ?? '', error);
    else if (this.clock.pending().some((timer) => timer.eventType === event.type))
      this.clock.fire(event.type);
    else this.send(event);
  }

  /** Keys of the transitions taken since the last call. */
  takeSteps(): string[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  /** Stops the machine, as the process would on its way out. */
  stop(): void {
    this.#root.stop();
  }

  #observe(event: InspectionEvent): void {
    if (event.type !== '@xstate.microstep' || (event.actorRef as { src?: unknown }).src !== this.machine)
      return;
    for (const transition of event._transitions) {
      const key = transitionKey(transition);
      this.covered.transitions.add(key);
      this.#steps.push(key);
      for (let node: AnyStateNode | undefined = transition.source; node; node = node.parent) {
        this.covered.states.add(node.id); // a state left by `always` is in no snapshot
      }
    }
    for (const node of (event.snapshot as AnyMachineSnapshot)._nodes) this.covered.states.add(node.id);
  }
}
