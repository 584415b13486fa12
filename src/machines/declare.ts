// Typed stand-ins for the services a machine invokes. A machine declares what it needs; the composition root provides it.
import {
  type AnyActorLogic,
  type AnyEventObject,
  type AnyStateMachine,
  type EventObject,
  fromCallback,
  fromPromise,
  type NonReducibleUnknown,
} from 'xstate';

const standIns = new WeakSet<object>();

const standIn = <L extends AnyActorLogic>(logic: L): L => {
  standIns.add(logic);
  return logic;
};

/** A service that ends with one output, or fails. */
export const promising = <Output, Input extends NonReducibleUnknown>() =>
  standIn(fromPromise<Output, Input>(() => Promise.reject(new Error('this service was not provided'))));

/** A service that lives as long as its state, sends events back and may receive some. */
export const listening = <
  Received extends EventObject = AnyEventObject,
  Input extends NonReducibleUnknown = undefined,
>() =>
  standIn(
    fromCallback<Received, Input>(() => {
      throw new Error('this service was not provided');
    }),
  );

/** Names of services that were declared and never provided, in this machine and in the machines it invokes. */
export const findUnprovided = (machine: AnyStateMachine): readonly string[] =>
  Object.entries(machine.implementations.actors).flatMap(([name, logic]) => {
    if (typeof logic !== 'object' || logic === null) return [];
    if (standIns.has(logic)) return [`${machine.id}.${name}`];
    return 'implementations' in logic ? findUnprovided(logic as AnyStateMachine) : [];
  });

/** @throws Error that lists what is missing: a fault of the composition root, found before anything runs */
export const assertProvided = (machine: AnyStateMachine): void => {
  const missing = findUnprovided(machine);
  if (missing.length > 0) throw new Error(`services not provided: ${missing.join(', ')}`);
};
