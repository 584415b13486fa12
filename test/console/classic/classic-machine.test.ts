// Charts of XState 5 as XState 4 reads them: the real, older library parses each, and finds the same chart.
import { expect, test } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { classicEventType } from '../../../src/console/classic/classic-event-type.js';
import { classicMachine, pseudoMachine } from '../../../src/console/classic/classic-machine.js';
import { machines } from '../../../src/machines/catalog.js';
import { actionText, guardText } from '../../../src/machines/chart-labels.js';
import {
  chartModel,
  type StateModel,
  statesWithin,
  type TransitionModel,
} from '../../../src/machines/chart-model.js';
import { loadMachine } from '../../classic-inspector/receiver/classic-xstate.js';
import { courierMachine } from '../../model/samples/courier-machine.js';

const load = (machine: AnyStateMachine) => loadMachine(JSON.stringify(classicMachine(machine)));

/** XState 4 gives the timers and the end of a state names of its own making. */
const eventOf = (state: StateModel, { kind, eventType, delay }: TransitionModel): string =>
  kind === 'after' ? `xstate.after(${delay})#${state.id}` : classicEventType(eventType);

/** Order among the candidates of one event matters, order among events does not. */
const sorted = <T extends { readonly event: string }>(transitions: readonly T[]): T[] =>
  transitions
    .map((transition, at) => ({ transition, at }))
    .sort((a, b) => a.transition.event.localeCompare(b.transition.event) || a.at - b.at)
    .map(({ transition }) => transition);

const expected = (machine: AnyStateMachine) =>
  statesWithin(chartModel(machine.id, machine).root).map((state) => ({
    id: state.id,
    type: state.type,
    initial:
      state.initial === undefined
        ? null
        : (state.states.find(({ id }) => id === state.initial)?.key ?? 'not a child'),
    invoked: state.invoke.map(({ id }) => id),
    transitions: sorted(
      state.transitions.map((transition) => ({
        event: eventOf(state, transition),
        guard: transition.guard === undefined ? null : guardText(transition.guard),
        actions: transition.actions.map(actionText),
        targets: transition.targets,
        internal:
          !transition.reenter &&
          (transition.targets.length === 0 ||
            transition.targets.every((target) => statesWithin(state).some(({ id }) => id === target))),
      })),
    ),
  }));

const charts = { ...machines, courier: courierMachine as AnyStateMachine };

test.each(Object.entries(charts))('XState 4 reads %s with the same states and transitions', (_, machine) => {
  const read = load(machine)
    .states()
    .map((state) => ({ ...state, transitions: sorted(state.transitions) }));
  expect(read).toEqual(expected(machine));
});

test('a history state keeps its depth and where it leads at first', () => {
  const machine = createMachine({
    id: 'player',
    initial: 'off',
    states: {
      off: { on: { on: 'playing.last' } },
      playing: {
        initial: 'slow',
        states: { slow: {}, fast: {}, last: { type: 'history', history: 'deep', target: 'fast' } },
      },
    },
  });
  expect(classicMachine(machine).states?.playing?.states?.last).toEqual({
    id: 'player.playing.last',
    type: 'history',
    history: 'deep',
    target: '#player.playing.fast',
  });
  expect(load(machine).historyTarget('player.playing.last')).toEqual('fast');
});

test('an actor without a chart works, and ends well or badly', () => {
  const pseudo = loadMachine(JSON.stringify(pseudoMachine('runInference')));
  expect(pseudo.states().map(({ id, type }) => [id, type])).toEqual([
    ['runInference (service)', 'compound'],
    ['runInference (service).active', 'atomic'],
    ['runInference (service).done', 'final'],
    ['runInference (service).error', 'final'],
  ]);
});

test('a chart says nothing of context, input and parameters', () => {
  const secret = 'canary-5c1';
  const machine = createMachine({
    id: 'secretive',
    context: { key: secret },
    invoke: { id: 'service', src: 'service', input: { key: secret } },
    entry: { type: 'act', params: { key: secret } },
    meta: { key: secret },
    on: {
      go: {
        guard: { type: 'may', params: { key: secret } },
        meta: { key: secret },
        actions: { type: 'act', params: { key: secret } },
      },
    },
    output: { key: secret },
  });
  const text = JSON.stringify(classicMachine(machine));
  expect(text).not.toContain(secret);
  expect(text).toContain('"act"');
  expect(text).toContain('"may"');
});
