// XState 4 itself, the version the classic inspector belongs to, behind plain data: what it makes of a machine and a state.
import { createMachine, State, type StateNode } from 'xstate';

export interface ParsedTransition {
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  readonly targets: readonly string[];
  readonly internal: boolean;
}

export interface ParsedState {
  readonly id: string;
  readonly type: string;
  readonly initial: string | null;
  readonly invoked: readonly string[];
  readonly transitions: readonly ParsedTransition[];
}

const statesWithin = (node: StateNode): StateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesWithin(child as StateNode)),
];

const parsedState = (node: StateNode): ParsedState => ({
  id: node.id,
  type: node.type,
  initial: node.initial === undefined ? null : String(node.initial),
  invoked: node.invoke.map(({ id }) => id),
  transitions: node.transitions.map(({ eventType, cond, actions, target, internal }) => ({
    event: eventType,
    guard: cond?.name ?? null,
    actions: actions.map(({ type }) => type),
    targets: (target ?? []).map(({ id }) => id),
    internal: internal === true,
  })),
});

/** @param json a machine as it goes over the wire */
export const loadMachine = (json: string) => {
  const machine = createMachine(JSON.parse(json));
  return {
    states: (): readonly ParsedState[] => statesWithin(machine as unknown as StateNode).map(parsedState),
    /** @returns ids of the active states, sorted, of a state as it goes over the wire */
    resolve: (stateJson: string): readonly string[] =>
      machine
        .resolveState(State.create(JSON.parse(stateJson)) as never)
        .configuration.map(({ id }: { id: string }) => id)
        .sort(),
    /** Where a history state leads while nothing is remembered. */
    historyTarget: (id: string): unknown => machine.getStateNodeById(id).target,
  };
};
