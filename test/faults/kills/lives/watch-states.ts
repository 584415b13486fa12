// Notices when any actor of one machine enters one state: as the transition is taken, before what the state invokes.
import type { AnyMachineSnapshot, InspectionEvent, StateValue } from 'xstate';

const stateValueOf = (path: string): StateValue =>
  path
    .split('.')
    .reduceRight<StateValue | undefined>(
      (inner, key) => (inner === undefined ? key : { [key]: inner }),
      undefined,
    ) ?? path;

const isOfMachine = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'machine' in snapshot;

export const watchStates = (machine: string, state: string, arrived: () => void) => {
  const value = stateValueOf(state);
  const inside = new Set<string>();
  return (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
    const { snapshot, actorRef } = event;
    if (!isOfMachine(snapshot) || snapshot.machine.id !== machine) return;
    const { sessionId } = actorRef;
    const isInside = snapshot.matches(value);
    if (isInside === inside.has(sessionId)) return;
    if (!isInside) {
      inside.delete(sessionId);
      return;
    }
    inside.add(sessionId);
    arrived();
  };
};
