// The messages of @statelyai/inspect, written by the package itself. Its sanitizers let a definition's literal context and
// input through, and a snapshot's input and output: so it is never shown an actor, only stand-ins that hold names.
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import type { AnyStateMachine } from 'xstate';
import { actionText, guardText } from '../../machines/chart-labels.js';
import { chartModel, type StateModel, type TransitionModel } from '../../machines/chart-model.js';
import { listed, type PlainState, plainState } from '../inspection/plain-chart.js';
import type { Dialect } from '../inspection/viewers.js';
import type { ActorState, WatchedActor } from '../inspection/watch-actors.js';
import type { StatelyPackage } from './load-stately.js';

export interface StatelyTransition {
  readonly target?: readonly string[];
  readonly guard?: string;
  readonly actions?: readonly string[];
  readonly reenter?: true;
  readonly description?: string;
}

const statelyTransition = (_: StateModel, transition: TransitionModel): StatelyTransition => {
  const { targets, guard, actions, reenter, description } = transition;
  return {
    ...listed(
      'target',
      targets.map((target) => `#${target}`),
    ),
    ...(guard !== undefined && { guard: guardText(guard) }),
    ...listed('actions', actions.map(actionText)),
    ...(reenter && { reenter: true }),
    ...(description !== undefined && { description }),
  };
};

/** The machine as `createMachine` of XState 5 takes it. */
export const statelyMachine = (machine: AnyStateMachine): PlainState<StatelyTransition> =>
  plainState(chartModel(machine.id, machine).root, {
    transition: statelyTransition,
    eventType: (type) => type,
  });

/** The package cuts what is nested deeper; a state takes two levels. */
const DEPTH = 64;

/** An actor as the package reads one: its session, those above it, and the chart it runs. */
const standIn = ({ session, parent, root, id, machine }: WatchedActor) => ({
  sessionId: session,
  id,
  ...(parent !== null && {
    _parent: { sessionId: parent, ...(root !== parent && { _parent: { sessionId: root } }) },
  }),
  logic: { config: machine === undefined ? { id } : chartOf(machine) },
});

// One machine is provided anew for each network; its chart stays the same.
const charts = new WeakMap<object, PlainState<StatelyTransition>>();
const chartOf = (machine: AnyStateMachine): PlainState<StatelyTransition> => {
  const known = charts.get(machine.config) ?? statelyMachine(machine);
  charts.set(machine.config, known);
  return known;
};

const shown = ({ status, value, context, tags }: ActorState) => ({
  status,
  context,
  ...(value !== undefined && { value, tags }),
});

export const createStatelyDialect = ({ createInspector }: StatelyPackage): Dialect => {
  let written: StatelyInspectionEvent | undefined;
  const inspector = createInspector(
    {
      send: (message) => {
        written = message;
      },
    },
    { serializationDepthLimit: DEPTH },
  );
  /** The package writes a message at once, to its adapter. */
  const take = (change: Partial<StatelyInspectionEvent> = {}): string =>
    JSON.stringify({ ...written, ...change });
  type Reference = Parameters<typeof inspector.event>[0];
  const refer = (actor: WatchedActor): Reference => standIn(actor) as unknown as Reference;
  return {
    began: (actor, state) => {
      inspector.actor(refer(actor), shown(state));
      // It calls every actor after its chart, and there are many jobs.
      return take({ name: actor.id, rootId: actor.root });
    },
    received: (actor, from, type) => {
      inspector.event(actor.session, { type }, from === null ? {} : { source: from });
      return take({ rootId: actor.root });
    },
    moved: (actor, state) => {
      inspector.snapshot(actor.session, shown(state), { event: { type: state.after } });
      return take({ rootId: actor.root });
    },
    ended: () => undefined,
  };
};
