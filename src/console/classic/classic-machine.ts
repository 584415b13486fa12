// A statechart of XState 5 as the configuration of an XState 4 machine that draws the same.
import type { AnyStateMachine } from 'xstate';
import { actionText, guardText } from '../../machines/chart-labels.js';
import {
  chartModel,
  type StateModel,
  statesWithin,
  type TransitionModel,
} from '../../machines/chart-model.js';
import { listed, type PlainState, plainState } from '../inspection/plain-chart.js';
import { classicEventType } from './classic-event-type.js';

export interface ClassicTransition {
  readonly target?: readonly string[];
  readonly cond?: string;
  readonly actions?: readonly string[];
  /** The source state is not left: what XState 5 does unless told to reenter, and XState 4 only when told. */
  readonly internal?: true;
  readonly description?: string;
}

export interface ClassicMachine extends PlainState<ClassicTransition> {
  /** Without it XState 4 warns at every machine it makes. */
  readonly predictableActionArguments: true;
}

const classicTransition = (source: StateModel, transition: TransitionModel): ClassicTransition => {
  const { targets, guard, actions, reenter, description } = transition;
  const within = new Set(statesWithin(source).map(({ id }) => id));
  const staysInside = !reenter && targets.length > 0 && targets.every((target) => within.has(target));
  return {
    ...listed(
      'target',
      targets.map((target) => `#${target}`),
    ),
    ...(guard !== undefined && { cond: guardText(guard) }),
    ...listed('actions', actions.map(actionText)),
    ...(staysInside && { internal: true }),
    ...(description !== undefined && { description }),
  };
};

/** The machine as `createMachine` of XState 4 takes it. */
export const classicMachine = (machine: AnyStateMachine): ClassicMachine => ({
  predictableActionArguments: true,
  ...plainState(chartModel(machine.id, machine).root, {
    transition: classicTransition,
    eventType: classicEventType,
  }),
});

/**
 * What stands for an actor without a chart, a promise or a callback: it works, and it ends well or badly. A viewer's list
 * calls actors by their machine, and a service may be called as one: hence the second word.
 */
export const pseudoMachine = (actor: string): ClassicMachine => {
  const id = `${actor} (service)`;
  return {
    predictableActionArguments: true,
    id,
    initial: 'active',
    states: {
      active: {
        id: `${id}.active`,
        on: {
          [classicEventType(`xstate.done.actor.${actor}`)]: [{ target: [`#${id}.done`] }],
          [classicEventType(`xstate.error.actor.${actor}`)]: [{ target: [`#${id}.error`] }],
        },
      },
      done: { id: `${id}.done`, type: 'final' },
      error: { id: `${id}.error`, type: 'final' },
    },
  };
};
