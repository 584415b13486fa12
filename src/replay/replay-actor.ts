// One statechart's life again, without its services: pure transitions over the recorded events, each compared with what
// was recorded. Actions with effects are never carried out, and time passes only by the events it caused.
import { isDeepStrictEqual } from 'node:util';
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  createEmptyActor,
  type EventObject,
} from 'xstate';
import { liveValue, plainValue } from './plain-value.js';
import type { BirthLine, Standing, StepLine } from './recording-lines.js';

/** One thing in which the replay is not what was recorded. */
export interface Deviation {
  /** `state`, `status`, or `context.NAME`. */
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

export interface ReplayedActor {
  /** @returns in what it differs; nothing when it is the same */
  take(line: StepLine): readonly Deviation[];
  readonly atBirth: readonly Deviation[];
}

/** @throws Error when the statechart itself dies of the event */
export const replayActor = (machine: AnyStateMachine, birth: BirthLine): ReplayedActor => {
  let recorded: Record<string, unknown> = {};
  let snapshot: AnyMachineSnapshot;

  const compare = (line: Standing): readonly Deviation[] => {
    recorded = { ...recorded, ...line.context };
    for (const name of line.gone ?? []) delete recorded[name];
    const replayed = plainValue(snapshot.context) as Record<string, unknown>;
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
    const pairs: Deviation[] = [
      { what: 'status', recorded: line.status, replayed: snapshot.status },
      { what: 'state', recorded: line.value, replayed: snapshot.value },
      ...names.map((name) => ({
        what: `context.${name}`,
        recorded: recorded[name],
        replayed: replayed[name],
      })),
    ];
    return pairs.filter((pair) => !isDeepStrictEqual(pair.recorded, pair.replayed));
  };

  const input = liveValue(birth.input);
  const scope = inertScope(machine, input);
  snapshot = machine.getInitialSnapshot(scope, input);
  return {
    atBirth: compare(birth),
    take: (line) => {
      snapshot = machine.transition(snapshot, liveValue(line.event) as EventObject, scope);
      return compare(line);
    },
  };
};

/** What XState's own `transition()` hands a machine, with a parent to speak to: nothing that is said leaves it. */
const inertScope = (machine: AnyStateMachine, input: unknown): AnyActorScope => {
  const nothing = (): void => undefined;
  const self = createActor(machine, { parent: createEmptyActor(), input });
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
  };
};
