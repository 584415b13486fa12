// A statechart of XState 5 as the configuration of an XState 4 machine that draws the same. It is made from the chart's
// data, so it holds names only: no context, no input, no parameter.
import type { AnyStateMachine } from 'xstate';
import { actionText, guardText } from '../../machines/chart-labels.js';
import { chartModel, type StateModel, type TransitionModel } from '../../machines/chart-model.js';
import { classicEventType } from './classic-event-type.js';

export interface ClassicTransition {
  readonly target?: readonly string[];
  readonly cond?: string;
  readonly actions?: readonly string[];
  /** The source state is not left: what XState 5 does unless told to reenter, and XState 4 only when told. */
  readonly internal?: true;
  readonly description?: string;
}

type Transitions = readonly ClassicTransition[];
type TransitionsByName = Readonly<Record<string, Transitions>>;

export interface ClassicInvoke {
  readonly id: string;
  readonly src: string;
  readonly onDone?: Transitions;
  readonly onError?: Transitions;
}

/** What XState 4 accepts as the configuration of a state. */
export interface ClassicState {
  readonly id: string;
  readonly type?: 'parallel' | 'final' | 'history';
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  /** Where a history state leads before anything is remembered. */
  readonly target?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly entry?: readonly string[];
  readonly exit?: readonly string[];
  readonly invoke?: readonly ClassicInvoke[];
  readonly on?: TransitionsByName;
  readonly after?: TransitionsByName;
  readonly always?: Transitions;
  readonly onDone?: Transitions;
  readonly states?: Readonly<Record<string, ClassicState>>;
}

export interface ClassicMachine extends ClassicState {
  /** Without it XState 4 warns at every machine it makes. */
  readonly predictableActionArguments: true;
}

const list = <Name extends string, T>(
  name: Name,
  items: readonly T[],
): { readonly [_ in Name]?: readonly T[] } =>
  (items.length === 0 ? {} : { [name]: items }) as { readonly [_ in Name]?: readonly T[] };

const isWithin = (source: StateModel, target: string): boolean =>
  source.id === target || source.states.some((child) => isWithin(child, target));

const classicTransition = (source: StateModel, transition: TransitionModel): ClassicTransition => {
  const { targets, guard, actions, reenter, description } = transition;
  // XState 4 leaves and enters again whatever a transition names, were it the source itself.
  const staysInside = !reenter && targets.length > 0 && targets.every((target) => isWithin(source, target));
  return {
    ...list(
      'target',
      targets.map((target) => `#${target}`),
    ),
    ...(guard !== undefined && { cond: guardText(guard) }),
    ...list('actions', actions.map(actionText)),
    ...(staysInside && { internal: true }),
    ...(description !== undefined && { description }),
  };
};

/** Grouped by name; candidates of one name keep their order, for the first that may be taken is. */
const byName = (
  source: StateModel,
  nameOf: (transition: TransitionModel) => string | undefined,
): TransitionsByName => {
  const groups = new Map<string, ClassicTransition[]>();
  for (const transition of source.transitions) {
    const name = nameOf(transition);
    if (name === undefined) continue;
    const group = groups.get(name) ?? [];
    groups.set(name, [...group, classicTransition(source, transition)]);
  }
  return Object.fromEntries(groups);
};

const table = <Name extends string>(name: Name, groups: TransitionsByName) =>
  (Object.keys(groups).length === 0 ? {} : { [name]: groups }) as {
    readonly [_ in Name]?: TransitionsByName;
  };

const classicState = (state: StateModel): ClassicState => {
  const invoked = new Set(state.invoke.map(({ id }) => id));
  /** Whether XState 4 keeps the transition beside the invocation; a wildcard, or another's actor, is an ordinary event. */
  const isOwn = ({ kind, actor = '' }: TransitionModel): boolean =>
    (kind === 'actorDone' || kind === 'actorError') && invoked.has(actor);
  const of = (kind: TransitionModel['kind'], actor?: string): Transitions =>
    state.transitions
      .filter((one) => one.kind === kind && (actor === undefined || one.actor === actor))
      .map((one) => classicTransition(state, one));
  const events = byName(state, (transition) => {
    const { kind, eventType } = transition;
    if (kind === 'always' || kind === 'after' || kind === 'stateDone' || isOwn(transition)) return undefined;
    return classicEventType(eventType);
  });
  const { type, initial } = state;
  return {
    id: state.id,
    ...((type === 'parallel' || type === 'final' || type === 'history') && { type }),
    ...(initial !== undefined && { initial: keyOf(state, initial) }),
    ...(state.history !== undefined && { history: state.history }),
    ...(state.historyTarget !== undefined && { target: `#${state.historyTarget}` }),
    ...(state.description !== undefined && { description: state.description }),
    ...list('tags', state.tags),
    ...list('entry', state.entry.map(actionText)),
    ...list('exit', state.exit.map(actionText)),
    ...list(
      'invoke',
      state.invoke.map(({ id, src }) => ({
        id,
        src,
        ...list('onDone', of('actorDone', id)),
        ...list('onError', of('actorError', id)),
      })),
    ),
    ...table('on', events),
    ...table(
      'after',
      byName(state, ({ kind, delay }) => (kind === 'after' ? String(delay) : undefined)),
    ),
    ...list('always', of('always')),
    ...list('onDone', of('stateDone')),
    ...(state.states.length > 0 && {
      states: Object.fromEntries(state.states.map((child) => [child.key, classicState(child)])),
    }),
  };
};

const keyOf = (parent: StateModel, id: string): string =>
  parent.states.find((child) => child.id === id)?.key ?? id;

/** The machine as `createMachine` of XState 4 takes it. */
export const classicMachine = (machine: AnyStateMachine): ClassicMachine => ({
  predictableActionArguments: true,
  ...classicState(chartModel(machine.id, machine).root),
});

/** What stands for an actor without a chart, a promise or a callback: it works, and it ends well or badly. */
export const pseudoMachine = (id: string): ClassicMachine => ({
  predictableActionArguments: true,
  id,
  initial: 'active',
  states: {
    active: {
      id: `${id}.active`,
      on: {
        [classicEventType(`xstate.done.actor.${id}`)]: [{ target: [`#${id}.done`] }],
        [classicEventType(`xstate.error.actor.${id}`)]: [{ target: [`#${id}.error`] }],
      },
    },
    done: { id: `${id}.done`, type: 'final' },
    error: { id: `${id}.error`, type: 'final' },
  },
});
