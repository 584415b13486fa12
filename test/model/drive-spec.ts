// Holds a real machine against a small hand-written specification of it. The specification has no services and no
// timers; every path through it is performed on the real machine, and after each step both must agree.
// A machine walked as its own map cannot see a wrong target, for map and machine share it: this can.
import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic, EventObject, SnapshotFrom } from 'xstate';
import { createTestModel } from 'xstate/graph';
import { type Bench, prepareBench, Rig, type RigOptions } from './rig.js';

export interface SpecOptions<S extends AnyStateMachine> extends RigOptions {
  /** The specification's events with their payloads; those not listed are bare. */
  readonly events?: readonly EventFromLogic<S>[];
  /** Makes an event of the specification happen on the real machine. Every event type of it needs one. */
  readonly perform: {
    readonly [T in EventFromLogic<S>['type']]: (
      rig: Rig,
      event: Extract<EventFromLogic<S>, { type: T }>,
    ) => void;
  };
  /** What of the real machine the specification speaks about; compared to {@link says}. */
  readonly shows: (rig: Rig) => unknown;
  /** What the specification claims; its state value if left out. */
  readonly says?: (snapshot: SnapshotFrom<S>) => unknown;
  /** Which of the specification's edges are worth a path, where all would be too many; all if left out. */
  readonly explore?: (snapshot: SnapshotFrom<S>, event: EventFromLogic<S>) => boolean;
  /** Further expectations after each step; throws when one does not hold. */
  readonly check?: (rig: Rig, snapshot: SnapshotFrom<S>) => void;
}

export interface SpecPath {
  /** The events from the start, for a test's title. */
  readonly title: string;
  /** @throws Error machine and specification differ; the message carries the path and both values */
  run(): void;
}

/**
 * Shortest paths that together cover every edge of the specification (state value × event × previous value).
 * For `test.each(specPaths(spec, machine, options))('$title', ({ run }) => run())`.
 */
export const specPaths = <S extends AnyStateMachine>(
  spec: S,
  machine: AnyStateMachine,
  options: SpecOptions<S>,
): SpecPath[] => {
  let bench: Bench | undefined;
  return shortestPaths(spec, options).map(({ steps }) => {
    const events = steps.slice(1).map((step) => step.event.type); // the first step is XState's own start
    return {
      title: events.join(' → ') || 'starts',
      run() {
        bench ??= prepareBench(machine, options.provide);
        const rig = new Rig(bench, options);
        steps.forEach((step, index) => {
          if (index > 0) performOn(rig, step.event, options);
          compare(rig, step.state, options, events.slice(0, index));
        });
        rig.stop();
      },
    };
  });
};

type ShortestPaths<S extends AnyStateMachine> = ReturnType<
  ReturnType<typeof createTestModel<S>>['getShortestPaths']
>;

/** The paths depend on the specification alone, and mutants are held against the same one many times. */
const known = new WeakMap<object, unknown>();

const shortestPaths = <S extends AnyStateMachine>(spec: S, options: SpecOptions<S>): ShortestPaths<S> => {
  const found = known.get(options) as ShortestPaths<S> | undefined;
  if (found !== undefined) return found;
  const model = createTestModel(spec, {
    ...(options.events && { events: options.events }),
    filterEvents: (snapshot: AnyMachineSnapshot, event: EventObject) =>
      snapshot.status === 'active' &&
      snapshot.can(event) &&
      (options.explore?.(snapshot as SnapshotFrom<S>, event as EventFromLogic<S>) ?? true),
    // The default leaves edges out that keep the state's value; an edge is an edge.
    serializeTransition: (_state, event, previous) =>
      event
        ? ` via ${JSON.stringify(event)} from ${JSON.stringify((previous as AnyMachineSnapshot | undefined)?.value)}`
        : '',
    limit: 5000,
  } as Parameters<typeof createTestModel<S>>[1]);
  const paths = model.getShortestPaths();
  known.set(options, paths);
  return paths;
};

const performOn = <S extends AnyStateMachine>(
  rig: Rig,
  event: EventObject,
  options: SpecOptions<S>,
): void => {
  const perform = options.perform as unknown as Readonly<
    Record<string, (rig: Rig, event: EventObject) => void>
  >;
  const how = perform[event.type];
  if (!how) throw new Error(`\`perform\` does not say how ${event.type} happens`);
  how(rig, event);
};

const compare = <S extends AnyStateMachine>(
  rig: Rig,
  snapshot: SnapshotFrom<S>,
  options: SpecOptions<S>,
  path: readonly string[],
): void => {
  const where = `after ${path.join(' → ') || 'the start'}`;
  if (rig.failure) throw new Error(`the machine dies ${where}`, { cause: rig.failure.error });
  const said = JSON.stringify(options.says ? options.says(snapshot) : (snapshot as AnyMachineSnapshot).value);
  const shown = JSON.stringify(options.shows(rig));
  if (said !== shown) throw new Error(`the specification says ${said}, the machine shows ${shown}, ${where}`);
  options.check?.(rig, snapshot);
};
