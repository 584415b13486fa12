// A statechart as the configuration of a machine, for those who draw it elsewhere. It is made from the chart's data, so it
// holds names only: no context, no input, no parameter. How a transition is put is the protocol's own.
import { actionText } from '../../machines/chart-labels.js';
import type { StateModel, TransitionModel } from '../../machines/chart-model.js';

type ByName<T> = Readonly<Record<string, readonly T[]>>;

export interface PlainInvoke<T> {
  readonly id: string;
  readonly src: string;
  readonly onDone?: readonly T[];
  readonly onError?: readonly T[];
}

/** What `createMachine` accepts as the configuration of a state, in XState 4 and 5 alike. */
export interface PlainState<T> {
  readonly id: string;
  readonly type?: 'parallel' | 'final' | 'history';
  /** Key of a child. */
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  /** Where a history state leads before anything is remembered. */
  readonly target?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly entry?: readonly string[];
  readonly exit?: readonly string[];
  readonly invoke?: readonly PlainInvoke<T>[];
  readonly on?: ByName<T>;
  readonly after?: ByName<T>;
  readonly always?: readonly T[];
  readonly onDone?: readonly T[];
  readonly states?: Readonly<Record<string, PlainState<T>>>;
}

/** How one protocol puts what differs. */
export interface Wording<T> {
  transition(source: StateModel, transition: TransitionModel): T;
  eventType(type: string): string;
}

/** A member of the object to come; none where there is nothing to say. */
export const listed = <Name extends string, T>(name: Name, items: readonly T[]) =>
  (items.length === 0 ? {} : { [name]: items }) as { readonly [_ in Name]?: readonly T[] };

const table = <Name extends string, T>(name: Name, groups: ByName<T>) =>
  (Object.keys(groups).length === 0 ? {} : { [name]: groups }) as { readonly [_ in Name]?: ByName<T> };

export const plainState = <T>(state: StateModel, wording: Wording<T>): PlainState<T> => {
  const { id, type, initial, history, historyTarget, description } = state;
  const invoked = new Set(state.invoke.map((one) => one.id));
  /** Whether it stands beside the invocation; a wildcard, or another's actor, is an ordinary event. */
  const isOwn = ({ kind, actor = '' }: TransitionModel): boolean =>
    (kind === 'actorDone' || kind === 'actorError') && invoked.has(actor);
  const of = (kind: TransitionModel['kind'], actor?: string): readonly T[] =>
    state.transitions
      .filter((one) => one.kind === kind && (actor === undefined || one.actor === actor))
      .map((one) => wording.transition(state, one));
  /** Candidates of one name keep their order, for the first that may be taken is. */
  const byName = (nameOf: (transition: TransitionModel) => string | undefined): ByName<T> => {
    const groups = new Map<string, T[]>();
    for (const transition of state.transitions) {
      const name = nameOf(transition);
      if (name === undefined) continue;
      groups.set(name, [...(groups.get(name) ?? []), wording.transition(state, transition)]);
    }
    return Object.fromEntries(groups);
  };
  const events = byName((transition) => {
    const { kind, eventType } = transition;
    if (kind === 'always' || kind === 'after' || kind === 'stateDone' || isOwn(transition)) return undefined;
    return wording.eventType(eventType);
  });
  return {
    id,
    ...((type === 'parallel' || type === 'final' || type === 'history') && { type }),
    ...(initial !== undefined && { initial: keyOf(state, initial) }),
    ...(history !== undefined && { history }),
    ...(historyTarget !== undefined && { target: `#${historyTarget}` }),
    ...(description !== undefined && { description }),
    ...listed('tags', state.tags),
    ...listed('entry', state.entry.map(actionText)),
    ...listed('exit', state.exit.map(actionText)),
    ...listed(
      'invoke',
      state.invoke.map((one) => ({
        id: one.id,
        src: one.src,
        ...listed('onDone', of('actorDone', one.id)),
        ...listed('onError', of('actorError', one.id)),
      })),
    ),
    ...table('on', events),
    ...table(
      'after',
      byName(({ kind, delay }) => (kind === 'after' ? String(delay) : undefined)),
    ),
    ...listed('always', of('always')),
    ...listed('onDone', of('stateDone')),
    ...(state.states.length > 0 && {
      states: Object.fromEntries(state.states.map((child) => [child.key, plainState(child, wording)])),
    }),
  };
};

const keyOf = (parent: StateModel, id: string): string =>
  parent.states.find((child) => child.id === id)?.key ?? id;
