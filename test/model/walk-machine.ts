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
import { transitionText } from '../../src/machines/chart-labels.js';
import { chartModel, statesWithin } from '../../src/machines/chart-model.js';
import { candidateEvents, canHappen, eventKey, type Payloads } from './candidate-events.js';
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
  /** Each throws when it does not hold; checked after the start and after every step, so prefer `node:assert`: with `expect` a walk takes three times as long. */
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
  readonly pairs: Tally & { readonly driven: readonly string[] };
  /** Missing states and transitions, and waivers that are no longer needed. */
  readonly missing: readonly string[];
  /** Distinct abstract states and the edges between them. */
  readonly map: { readonly states: number; readonly edges: number };
  readonly steps: number;
}

/** A place on the map: an abstract state, and how to get there. */
interface Place {
  readonly key: string;
  readonly input: unknown;
  /** The events by which it was found: always lead here. */
  readonly found: readonly EventObject[];
  /** Steps from the start by way of `via`, as far as known. */
  depth: number;
  /** The last step of the shortest known way; undefined where a walk starts. */
  via: { readonly from: Place; readonly event: EventObject } | undefined;
  readonly untried: EventObject[];
  readonly edges: Edge[];
}

interface Edge {
  readonly event: EventObject;
  readonly to: Place;
  /** Keys of the transitions taken, joined. */
  readonly label: string;
}

/** One machine under way on the map. */
interface Trek {
  readonly rig: Rig;
  readonly input: unknown;
  readonly path: EventObject[];
  at: Place;
  /** Label of the last step; undefined right after a replay. */
  last: string | undefined;
}

/** Steps after which a trek starts afresh, so that a failure's path stays readable. */
const LONGEST_TREK = 200;
/** How far a trek looks for a place with untried events before it starts afresh. */
const FARTHEST_HOP = 3;

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
    for (const input of this.options.inputs ?? [undefined]) {
      const rig = this.#start(input);
      this.#check(rig, undefined, []);
      if (!this.#places.has(this.#keyOf(rig))) this.#discover(rig, input, [], undefined);
      this.#finish(rig, []);
    }
    // The map grows while it is read; a Map hands out what was added meanwhile.
    for (const place of this.#places.values()) {
      while (place.untried.length > 0) this.#trekFrom(place);
    }
    return this.#report(this.options.pairs === false ? [] : this.#walkPairs());
  }

  #discover(rig: Rig, input: unknown, found: readonly EventObject[], via: Place['via']): Place {
    const key = this.#keyOf(rig);
    const depth = via ? via.from.depth + 1 : 0;
    const place: Place = { key, input, found, depth, via, untried: this.#candidates(rig), edges: [] };
    this.#places.set(key, place);
    const limit = this.options.limit ?? 3000;
    if (this.#places.size <= limit) return place;
    throw new Error(
      `${this.machine.id}: more than ${limit} abstract states; let \`abstract\` leave ids out and cap counters. ` +
        `Latest: ${key}`,
    );
  }

  /** Starts in a place and goes on from untried event to untried event as long as that is near. */
  #trekFrom(place: Place): void {
    const trek = this.#reach(place, (rig) => this.#nextUntried(place, rig) !== undefined);
    for (let event = this.#nextUntried(place, trek.rig); event; event = this.#nextEvent(trek)) {
      this.#step(trek, event);
    }
    this.#finish(trek.rig, trek.path);
  }

  /** A machine in this place: by the shortest known way if that holds, else as the place was found. */
  #reach(place: Place, holds: (rig: Rig) => boolean): Trek {
    const short = shortestWay(place);
    const rig = this.#replay(short.input, short.path);
    if (this.#keyOf(rig) === place.key && holds(rig)) return { rig, ...short, at: place, last: undefined };
    const found = this.#replay(place.input, place.found);
    return { rig: found, input: place.input, path: [...place.found], at: place, last: undefined };
  }

  #nextUntried(place: Place, rig: Rig): EventObject | undefined {
    return place.untried.find((event) => this.#canHappen(rig, event));
  }

  /** What a trek does next: an untried event here, or the first step towards the nearest place that has one. */
  #nextEvent(trek: Trek): EventObject | undefined {
    if (trek.path.length >= LONGEST_TREK) return undefined;
    if (trek.at.untried.length > 0) {
      const event = this.#nextUntried(trek.at, trek.rig);
      if (event) return event;
    }
    const hop = firstHop(trek.at);
    if (!hop) return undefined;
    return this.#canHappen(trek.rig, hop) ? hop : undefined;
  }

  /** Performs one event and enters what came of it in the map. */
  #step(trek: Trek, event: EventObject): void {
    const { rig, input, at, path } = trek;
    const index = at.untried.indexOf(event);
    if (index >= 0) at.untried.splice(index, 1);
    try {
      this.#perform(rig, event, path);
    } catch (error) {
      this.#retryShort(at, event);
      throw error;
    }
    path.push(event);
    const label = rig.takeSteps().join('+');
    if (trek.last !== undefined) this.#pairs.add(`${trek.last} then ${label}`);
    const via = { from: at, event };
    const to = this.#places.get(this.#keyOf(rig)) ?? this.#discover(rig, input, [...path], via);
    if (at.depth + 1 < to.depth) {
      to.depth = at.depth + 1;
      to.via = via;
    }
    if (index >= 0) at.edges.push({ event, to, label });
    trek.at = to;
    trek.last = label;
  }

  /** Throws the same failure with the shortest path that shows it, if the shortest way shows it at all. */
  #retryShort(at: Place, event: EventObject): void {
    const { input, path } = shortestWay(at);
    this.#perform(this.#replay(input, path), event, path);
  }

  /** Drives every pair of consecutive transitions that the map allows; returns those that could not be driven. */
  #walkPairs(): string[] {
    const missing = new Set<string>();
    for (const place of this.#places.values()) {
      for (const first of place.edges) {
        for (const second of first.to.edges) {
          const pair = `${first.label} then ${second.label}`;
          if (!this.#pairs.has(pair) && !this.#drivePair(place, first, second)) missing.add(pair);
        }
      }
    }
    return [...missing].filter((pair) => !this.#pairs.has(pair));
  }

  #drivePair(place: Place, first: Edge, second: Edge): boolean {
    const trek = this.#reach(place, (rig) => this.#canHappen(rig, first.event));
    if (!this.#canHappen(trek.rig, first.event)) return false;
    this.#step(trek, first.event);
    if (trek.last !== first.label || !this.#canHappen(trek.rig, second.event)) return false;
    this.#step(trek, second.event);
    this.#finish(trek.rig, trek.path);
    return trek.last === second.label;
  }

  #start(input: unknown): Rig {
    return new Rig(this.#bench, { input, withParent: this.options.withParent ?? false });
  }

  #replay(input: unknown, path: readonly EventObject[]): Rig {
    const rig = this.#start(input);
    for (const event of path) rig.perform(event);
    rig.takeSteps();
    this.#steps += path.length;
    return rig;
  }

  #perform(rig: Rig, event: EventObject, before: readonly EventObject[]): void {
    this.#steps += 1;
    rig.perform(event);
    this.#check(rig, event, [...before, event]);
  }

  #check(rig: Rig, event: EventObject | undefined, path: readonly EventObject[]): void {
    if (rig.failure) throw this.#error(rig, 'the machine dies', path, rig.failure.error);
    const moment: Moment<M> = { rig, snapshot: rig.snapshot, event, path: path.map((step) => step.type) };
    for (const [name, holds] of Object.entries(this.options.invariants ?? {})) {
      try {
        holds(moment);
      } catch (cause) {
        throw this.#error(
          rig,
          `"${name}" does not hold in ${JSON.stringify(rig.snapshot.value)}`,
          path,
          cause,
        );
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
    if (left.length > 0) throw this.#error(rig, `${left.join(', ')} still runs after ${end}`, path);
  }

  #error(rig: Rig, what: string, path: readonly EventObject[], cause?: unknown): Error {
    const start = rig.input === undefined ? '(the start)' : `(the start with ${JSON.stringify(rig.input)})`;
    const way = [start, ...path.map(eventKey)].join('\n  ');
    const why = cause === undefined ? '' : `: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new Error(`${this.machine.id}: ${what}${why}\nafter:\n  ${way}`, { cause });
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

  #canHappen(rig: Rig, event: EventObject): boolean {
    return canHappen(rig, event, this.options.timers ?? 'any');
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
    const edges = [...this.#places.values()].reduce((sum, place) => sum + place.edges.length, 0);
    return {
      machine: this.machine.id,
      states: tally(states.length, missingStates),
      transitions: tally(transitions.length, missingTransitions),
      pairs: {
        covered: this.#pairs.size,
        total: this.options.pairs === false ? 0 : this.#pairs.size + missingPairs.length,
        missing: missingPairs,
        driven: [...this.#pairs],
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

const shortestWay = (place: Place): { input: unknown; path: EventObject[] } => {
  if (!place.via) return { input: place.input, path: [...place.found] };
  const { input, path } = shortestWay(place.via.from);
  return { input, path: [...path, place.via.event] };
};

/** The first step of the shortest way to a place with untried events; undefined if none is near. */
const firstHop = (start: Place): EventObject | undefined => {
  const seen = new Set([start]);
  let fringe = start.edges.map(({ to, event }) => ({ to, hop: event }));
  for (let distance = 1; distance <= FARTHEST_HOP && fringe.length > 0; distance += 1) {
    const fresh = fringe.filter(({ to }) => !seen.has(to));
    const goal = fresh.find(({ to }) => to.untried.length > 0);
    if (goal) return goal.hop;
    for (const { to } of fresh) seen.add(to);
    fringe = fresh.flatMap(({ to, hop }) => to.edges.map((edge) => ({ to: edge.to, hop })));
  }
  return undefined;
};

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
