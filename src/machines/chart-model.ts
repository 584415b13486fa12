// One statechart as plain data, read from a machine's state nodes: the single source of every exported file.
// XState's own `toJSON` leaves out `always` and forgets guards that combine others, hence this walk.
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type ActionModel, describeAction, isTimerBookkeeping, type NamedPart } from './action-model.js';

/** A guard by name, or the combination of guards it is. */
export type GuardModel =
  | { name: string }
  | { and: GuardModel[] }
  | { or: GuardModel[] }
  | { not: GuardModel }
  | { stateIn: string };

/** What sets a transition off. */
export type TransitionKind =
  | 'event'
  | 'always'
  | 'after'
  | 'actorDone'
  | 'actorError'
  | 'actorSnapshot'
  | 'stateDone';

export interface TransitionModel {
  /** `<source id>|<event type>|<index among the source's candidates for that type>`; `always` has an empty type. */
  readonly key: string;
  readonly kind: TransitionKind;
  /** Event type as XState knows it; empty for `always`. */
  readonly eventType: string;
  /** Delay name or milliseconds; only for `after`. */
  readonly delay?: string | number;
  /** Id of the invoked actor; only for the three actor kinds. */
  readonly actor?: string;
  readonly guard?: GuardModel;
  readonly actions: readonly ActionModel[];
  /** Ids of the target states; empty when the transition stays where it is and only acts. */
  readonly targets: readonly string[];
  readonly reenter: boolean;
  readonly description?: string;
}

export interface InvokeModel {
  readonly id: string;
  readonly src: string;
  readonly systemId?: string;
  readonly handlesDone: boolean;
  readonly handlesError: boolean;
}

export interface StateModel {
  readonly id: string;
  readonly key: string;
  readonly type: AnyStateNode['type'];
  readonly description?: string;
  readonly tags: readonly string[];
  /** Id of the initial state; only for compound states. */
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  /** Id of the state a history state leads to while there is nothing to remember; only where the chart names one. */
  readonly historyTarget?: string;
  readonly entry: readonly ActionModel[];
  readonly exit: readonly ActionModel[];
  readonly invoke: readonly InvokeModel[];
  readonly transitions: readonly TransitionModel[];
  readonly states: readonly StateModel[];
}

export interface ChartModel {
  /** Name in the catalogue; also the name of the exported files. */
  readonly name: string;
  readonly root: StateModel;
}

type AnyTransition = NonNullable<AnyStateNode['always']>[number];
interface Combined {
  readonly name: string;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
}

/**
 * The key of a transition, stable across `provide()` and re-creation of the machine. Also computed from the
 * `_transitions` of an `@xstate.microstep`, which is how a transition that was just taken finds its drawn edge.
 */
export const transitionKey = (transition: AnyTransition): string => {
  const { source, eventType } = transition;
  const candidates = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  return `${source.id}|${eventType}|${candidates.indexOf(transition)}`;
};

/** Every transition that leaves a state node itself, `always` last. */
export const ownTransitions = (node: AnyStateNode): AnyTransition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

/** The node and all below it, in document order. */
export const descendants = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => descendants(child)),
];

/** @param guard a name, `{type}`, or what `and`, `or`, `not` and `stateIn` return; a plain function is `(inline)` */
export const guardModel = (guard: unknown): GuardModel => {
  if (typeof guard === 'string') return { name: guard };
  if (typeof guard === 'function') {
    const { name, guards, stateValue } = guard as unknown as Combined;
    const parts = (guards ?? []).map((part) => guardModel(part));
    if (name === 'and') return { and: parts };
    if (name === 'or') return { or: parts };
    if (name === 'not' && parts[0]) return { not: parts[0] };
    if (name === 'stateIn') {
      return { stateIn: typeof stateValue === 'string' ? stateValue : JSON.stringify(stateValue) };
    }
    return { name: '(inline)' };
  }
  return { name: (guard as NamedPart).type };
};

const kindOf = (
  node: AnyStateNode,
  transition: AnyTransition,
): Pick<TransitionModel, 'kind' | 'delay' | 'actor'> => {
  const { eventType } = transition;
  if (eventType === '') return { kind: 'always' };
  if (eventType.startsWith('xstate.after.')) {
    return { kind: 'after', delay: (transition as AnyTransition & { delay: string | number }).delay };
  }
  if (eventType === `xstate.done.state.${node.id}`) return { kind: 'stateDone' };
  const actorEvent = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/.exec(eventType);
  if (!actorEvent) return { kind: 'event' };
  const kinds = {
    'done.actor': 'actorDone',
    'error.actor': 'actorError',
    snapshot: 'actorSnapshot',
  } as const;
  return { kind: kinds[actorEvent[1] as keyof typeof kinds], actor: actorEvent[2] ?? '' };
};

const transitionModel = (node: AnyStateNode, transition: AnyTransition): TransitionModel => ({
  key: transitionKey(transition),
  eventType: transition.eventType,
  ...kindOf(node, transition),
  ...(transition.guard === undefined ? {} : { guard: guardModel(transition.guard) }),
  actions: transition.actions.map((action) => describeAction(action)),
  targets: (transition.target ?? []).map((target) => target.id),
  reenter: transition.reenter,
  ...(transition.description === undefined ? {} : { description: transition.description }),
});

const initialOf = (node: AnyStateNode): string | undefined => {
  if (node.type !== 'compound') return undefined;
  return node.initial.target[0]?.id;
};

/** A history state names a sibling by key, any other state as `#id`. */
const historyTargetOf = (node: AnyStateNode): string | undefined => {
  const { target } = node.config as { readonly target?: unknown };
  if (node.history === false || typeof target !== 'string') return undefined;
  return target.startsWith('#') ? target.slice(1) : node.parent?.states[target]?.id;
};

const stateModel = (node: AnyStateNode): StateModel => {
  const initial = initialOf(node);
  const historyTarget = historyTargetOf(node);
  return {
    id: node.id,
    key: node.key,
    type: node.type,
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: node.tags,
    ...(initial === undefined ? {} : { initial }),
    ...(node.history === false ? {} : { history: node.history }),
    ...(historyTarget === undefined ? {} : { historyTarget }),
    entry: node.entry.filter((action) => !isTimerBookkeeping(action)).map((action) => describeAction(action)),
    exit: node.exit.filter((action) => !isTimerBookkeeping(action)).map((action) => describeAction(action)),
    invoke: node.invoke.map((invoke) => ({
      id: invoke.id,
      src: String(invoke.src),
      ...(invoke.systemId === undefined ? {} : { systemId: invoke.systemId }),
      handlesDone: invoke.onDone !== undefined,
      handlesError: invoke.onError !== undefined,
    })),
    transitions: ownTransitions(node).map((transition) => transitionModel(node, transition)),
    states: Object.values(node.states).map((child) => stateModel(child)),
  };
};

/**
 * Reads a machine.
 * @throws Error XState's own, when a compound state's `initial` names no state
 */
export const chartModel = (name: string, machine: AnyStateMachine): ChartModel => ({
  name,
  root: stateModel(machine.root),
});

/** The state and all below it, in document order. */
export const statesWithin = (state: StateModel): StateModel[] => [
  state,
  ...state.states.flatMap(statesWithin),
];
