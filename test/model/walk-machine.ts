// Walks a machine through every state and transition it can reach, on the real machine with controlled services.
// The map is drawn by doing: each newly found state is tried with each event it could meet, from a fresh start
// along the shortest path. What the walk never reached is listed by name.
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  InputFrom,
} from 'xstate';
import { transitionText } from '../../scripts/statecharts/chart-labels.js';
import { chartModel, statesWithin } from '../../scripts/statecharts/chart-model.js';
import { candidateEvents, eventKey, type Payloads } from './candidate-events.js';
import { type Bench, prepareBench, Rig, type RigOptions } from './rig.js';

export interface Moment<M extends AnyStateMachine> {
  readonly rig: Rig;
  readonly snapshot: AnyMachineSnapshot & { readonly context: ContextFrom<M> };
  /** The event just performed; undefined right after the start. */
  readonly event: EventObject | undefined;
  /** Event types from the start to here. */
  readonly path: readonly string[];
}

export interface WalkOptions<M extends AnyStateMachine> extends Pick<RigOptions, 'provide' | 'withParent'> {
  /** One walk starts from each; left out for a machine without input. */
  readonly inputs?: readonly InputFrom<M>[];
  /** The variants worth trying of each event; an event not named is sent bare. */
  readonly payloads?: Payloads<EventFromLogic<M>>;
  /**
   * What of the context tells two states apart; the whole context if left out. Map counters to classes
   * (`Math.min(failures, 2)`) and leave ids out, or the walk never ends.
   */
  readonly abstract?: (context: ContextFrom<M>) => unknown;
  /** Each throws when it does not hold; checked after the start and after every step. */
  readonly invariants?: Readonly<Record<string, (moment: Moment<M>) => void>>;
  /** `any`: a timer may fire whatever others wait, for delays are configuration. `inOrder`: only the soonest. */
  readonly timers?: 'any' | 'inOrder';
  /** Abstract states after which the walk gives up; 3000. */
  readonly limit?: number;
  /** Transitions (as `missing` words them) that cannot be reached, each with the reason. */
  readonly waived?: Readonly<Record<string, string>>;
  /** Also drives each pair of consecutive transitions; true. */
  readonly pairs?: boolean;
}

export interface Tally {
  readonly covered: number;
  readonly total: number;
  readonly missing: readonly string[];
}

export interface WalkReport {
  readonly machine: string;
  readonly states: Tally;
  readonly transitions: Tally;
  /** Consecutive transitions that the walked map allows. */
  readonly pairs: Tally;
  /** Missing states and transitions, and waivers that are no longer needed. */
  readonly missing: readonly string[];
  /** Distinct abstract states and the edges between them. */
  readonly map: { readonly states: number; readonly edges: number };
  readonly steps: number;
}

interface Place {
  readonly input: unknown;
  readonly path: readonly EventObject[];
}

interface Edge {
  readonly from: Place;
  readonly event: EventObject;
  readonly to: string;
  /** Keys of the transitions taken, joined. */
  readonly label: string;
}

/**
 * @throws Error an invariant does not hold, the machine dies, a service outlives it, or `limit` is passed;
 * the message carries the shortest path that shows it
 */
export const walkMachine = <M extends AnyStateMachine>(
  machine: M,
  options: WalkOptions<M> = {},
): WalkReport => new Walk(machine, options).run();

class Walk<M extends AnyStateMachine> {
  readonly #places = new Map<string, Place>();
  readonly #edges = new Map<string, Edge[]>();
  readonly #states = new Set<string>();
  readonly #transitions = new Set<string>();
  readonly #pairs = new Set<string>();
  readonly #bench: Bench;
  #steps = 0;

  constructor(
    readonly machine: M,
    readonly options: WalkOptions<M>,
  ) {
    this.#bench = prepareBench(machine, options.provide);
  }

  run(): WalkReport {
    const inputs: readonly unknown[] = this.options.inputs ?? [undefined];
    const queue: string[] = [];
    for (const input of inputs) {
      const rig = this.#start(input);
      this.#check(rig, undefined, []);
      const key = this.#keyOf(rig);
      if (!this.#places.has(key)) queue.push(key);
      this.#discover(key, { input, path: [] });
      this.#finish(rig, []);
    }
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      queue.push(...this.#explore(key));
    }
    const missingPairs = this.options.pairs === false ? [] : this.#walkPairs();
    return this.#report(missingPairs);
  }

  #discover(key: string, place: Place): void {
    if (this.#places.has(key)) return;
    this.#places.set(key, place);
    const limit = this.options.limit ?? 3000;
    if (this.#places.size > limit) {
      throw new Error(
        `${this.machine.id}: more than ${limit} abstract states; let \`abstract\` leave ids out and cap counters. ` +
          `Latest: ${key}`,
      );
    }
  }

  /** Tries every event in one place; returns the keys found for the first time. */
  #explore(key: string): string[] {
    const place = this.#placeOf(key);
    const found: string[] = [];
    const edges: Edge[] = [];
    this.#edges.set(key, edges);
    for (const event of this.#candidates(this.#replay(place))) {
      const rig = this.#replay(place);
      rig.takeSteps();
      this.#perform(rig, event, place.path);
      const label = rig.takeSteps().join('+');
      const to = this.#keyOf(rig);
      if (!this.#places.has(to)) found.push(to);
      this.#discover(to, { input: place.input, path: [...place.path, event] });
      edges.push({ from: place, event, to, label });
      this.#finish(rig, [...place.path, event]);
    }
    return found;
  }

  /** Drives every pair of consecutive transitions that the map allows; returns those that could not be driven. */
  #walkPairs(): string[] {
    const missing: string[] = [];
    for (const first of [...this.#edges.values()].flat()) {
      for (const second of this.#edges.get(first.to) ?? []) {
        const pair = `${first.label} then ${second.label}`;
        if (this.#pairs.has(pair)) continue;
        const rig = this.#replay(first.from);
        this.#perform(rig, first.event, first.from.path);
        rig.takeSteps();
        const path = [...first.from.path, first.event];
        if (!this.#candidates(rig).some((event) => eventKey(event) === eventKey(second.event))) {
          missing.push(pair);
          continue;
        }
        this.#perform(rig, second.event, path);
        if (rig.takeSteps().join('+') === second.label) this.#pairs.add(pair);
        else missing.push(pair);
        this.#finish(rig, [...path, second.event]);
      }
    }
    return [...new Set(missing)].filter((pair) => !this.#pairs.has(pair));
  }

  #placeOf(key: string): Place {
    const place = this.#places.get(key);
    if (!place) throw new Error(`no place ${key}`);
    return place;
  }

  #start(input: unknown): Rig {
    return new Rig(this.#bench, { input, withParent: this.options.withParent ?? false });
  }

  #replay(place: Place): Rig {
    const rig = this.#start(place.input);
    for (const event of place.path) rig.perform(event);
    this.#steps += place.path.length;
    return rig;
  }

  #perform(rig: Rig, event: EventObject, before: readonly EventObject[]): void {
    this.#steps += 1;
    rig.perform(event);
    this.#check(rig, event, [...before, event]);
  }

  #check(rig: Rig, event: EventObject | undefined, path: readonly EventObject[]): void {
    if (rig.failure) throw this.#error('the machine dies', path, rig.failure.error);
    const moment: Moment<M> = { rig, snapshot: rig.snapshot, event, path: path.map((step) => step.type) };
    for (const [name, holds] of Object.entries(this.options.invariants ?? {})) {
      try {
        holds(moment);
      } catch (cause) {
        throw this.#error(`"${name}" does not hold in ${JSON.stringify(rig.snapshot.value)}`, path, cause);
      }
    }
    if (rig.snapshot.status === 'done') this.#expectSilence(rig, path, 'its final state');
  }

  #finish(rig: Rig, path: readonly EventObject[]): void {
    for (const id of rig.covered.states) this.#states.add(id);
    for (const key of rig.covered.transitions) this.#transitions.add(key);
    if (this.options.withParent) return;
    rig.stop();
    this.#expectSilence(rig, path, 'its stop');
  }

  #expectSilence(rig: Rig, path: readonly EventObject[], end: string): void {
    const left = rig.running().map((service) => `${service.src} (${service.id})`);
    if (left.length > 0) throw this.#error(`${left.join(', ')} still runs after ${end}`, path);
  }

  #error(what: string, path: readonly EventObject[], cause?: unknown): Error {
    const way = path.map(eventKey).join('\n  ');
    const why = cause === undefined ? '' : `: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new Error(`${this.machine.id}: ${what}${why}\nafter:\n  ${way || '(the start)'}`, { cause });
  }

  #keyOf(rig: Rig): string {
    const { snapshot } = rig;
    const { abstract } = this.options;
    return JSON.stringify([
      snapshot.value,
      snapshot.status,
      abstract ? abstract(snapshot.context) : snapshot.context,
      rig
        .running()
        .map((service) => service.id)
        .sort(),
      rig.clock
        .pending()
        .map((timer) => timer.eventType)
        .sort(),
      Object.entries(snapshot.historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id)]),
    ]);
  }

  #candidates(rig: Rig): EventObject[] {
    const payloads = this.options.payloads as Payloads<EventObject> | undefined;
    return candidateEvents(rig, payloads ?? {}, this.options.timers ?? 'any');
  }

  #report(missingPairs: string[]): WalkReport {
    const { root } = chartModel(this.machine.id, this.machine);
    const states = statesWithin(root).filter((state) => state.type !== 'history' && state.id !== root.id);
    const transitions = statesWithin(root).flatMap((state) =>
      state.transitions.map((transition) => ({
        key: transition.key,
        text: transitionText(state.id, transition),
      })),
    );
    const waived = this.options.waived ?? {};
    const unreached = transitions.filter(({ key }) => !this.#transitions.has(key)).map(({ text }) => text);
    const missingStates = states.filter(({ id }) => !this.#states.has(id)).map(({ id }) => id);
    const missingTransitions = unreached.filter((text) => !(text in waived));
    const idle = Object.keys(waived).filter((text) => !unreached.includes(text));
    const edges = [...this.#edges.values()].flat().length;
    return {
      machine: this.machine.id,
      states: tally(states.length, missingStates),
      transitions: tally(transitions.length, missingTransitions),
      pairs: {
        covered: this.#pairs.size,
        total: this.#pairs.size + missingPairs.length,
        missing: missingPairs,
      },
      missing: [
        ...missingStates.map((id) => `state ${id}`),
        ...missingTransitions.map((text) => `transition ${text}`),
        ...idle.map((text) => `waiver without need: ${text}`),
      ],
      map: { states: this.#places.size, edges },
      steps: this.#steps,
    };
  }
}

const tally = (total: number, missing: readonly string[]): Tally => ({
  covered: total - missing.length,
  total,
  missing,
});

/** An invariant for any machine: what its context holds comes back whole from JSON, as a saved context must. */
export const contextSurvivesJson = ({ snapshot }: { readonly snapshot: AnyMachineSnapshot }): void => {
  const before: unknown = snapshot.context;
  const lost = firstLoss(before, 'context');
  if (lost) throw new Error(`${lost} does not survive JSON`);
};

const firstLoss = (value: unknown, at: string): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : at;
  if (Array.isArray(value))
    return firstOf(value.map((item, index): [string, unknown] => [`${at}[${index}]`, item]));
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    // An absent value and `undefined` read alike, so a property that is undefined loses nothing.
    const present = Object.entries(value).filter(([, item]) => item !== undefined);
    return firstOf(present.map(([key, item]): [string, unknown] => [`${at}.${key}`, item]));
  }
  return at;
};

const firstOf = (items: [string, unknown][]): string | undefined => {
  for (const [at, item] of items) {
    const lost = firstLoss(item, at);
    if (lost) return lost;
  }
  return undefined;
};
