// Every rule of the chart lint, each shown one small machine that breaks it alone; and the catalogue, which breaks none.

import { expect, test } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createMachine,
  fromCallback,
  fromPromise,
  raise,
  sendTo,
  setup,
} from 'xstate';
import { lintChart } from './chart-lint.js';
import { courierMachine } from './samples/courier-machine.js';

const parts = setup({
  actors: {
    hold: fromCallback(() => {}),
    fetch: fromPromise(async () => 'done'),
  },
  actions: { note: () => {} },
  guards: { isReady: () => true },
  delays: { pause: 1_000, aeon: 2 ** 31 },
});

const sound = { description: 'A state.', on: { go: 'b' } };

/** A sound machine of two states, the first of them replaced. */
const machineWith = (a: object, root: object = {}): AnyStateMachine =>
  parts.createMachine({
    id: 'm',
    description: 'A machine.',
    options: { maxIterations: 100 },
    initial: 'a',
    states: { a: { ...sound, ...a }, b: { ...sound, on: { back: 'a' } } },
    ...root,
  } as Parameters<typeof parts.createMachine>[0]);

const inline = (): boolean => true;

const cases: [rule: string, machine: AnyStateMachine, findings: string[]][] = [
  [
    'an unknown delay',
    machineWith({ after: { pauze: 'b' } }),
    ['m: a: after: delay `pauze` is not in setup, so the timer would fire at once; declare it'],
  ],
  [
    'an unknown delay of a raised event',
    machineWith({ entry: raise({ type: 'go' }, { delay: 'pauze' as never }) }),
    ['m: a: raise: delay `pauze` is not in setup, so the timer would fire at once; declare it'],
  ],
  [
    'a delay that no timer holds',
    machineWith({ after: { aeon: 'b' } }),
    [
      'm: a: after: 2147483648 ms is not between 0 and 2^31 - 1, so the timer would fire at once; choose less',
    ],
  ],
  [
    'a missing guard',
    machineWith({ on: { go: { guard: 'isRedy', target: 'b' } } }),
    ['m: a: go: guard `isRedy` is not in setup, so the machine would die on the event; declare it'],
  ],
  [
    'a missing action',
    machineWith({ entry: 'noet' }),
    ['m: a: action `noet` is not in setup, so nothing would happen; declare it'],
  ],
  [
    'a missing actor',
    machineWith({ invoke: { id: 'x', src: 'fech', onDone: 'b', onError: 'b' } }),
    ['m: a: invoke x: actor `fech` is not in setup, so nothing would start; declare it'],
  ],
  [
    'an inline guard',
    machineWith({ on: { go: { guard: inline, target: 'b' } } }),
    ['m: a: go: an inline guard has no name on the chart; move it to setup'],
  ],
  [
    'an inline action',
    machineWith({ entry: () => {} }),
    ['m: a: an inline action has no name on the chart; move it to setup'],
  ],
  [
    'an inline assign',
    machineWith({ exit: assign({}) }),
    ['m: a: an inline action (assign) has no name on the chart; move it to setup'],
  ],
  [
    'a message to nobody knows whom',
    machineWith({
      entry: sendTo(
        ({ self }) => self,
        () => ({ type: 'go' }),
      ),
    }),
    ['m: a: an inline action (sendTo) has no name on the chart; move it to setup'],
  ],
  [
    'an inline actor',
    machineWith({ invoke: { id: 'x', src: fromCallback(() => {}), onError: 'b' } }),
    ['m: a: invoke x: an inline actor has no name on the chart and cannot be restored; move it to setup'],
  ],
  [
    'a listener without onError',
    machineWith({ invoke: { id: 'x', src: 'hold' } }),
    ['m: a: invoke x: no onError, so its failure ends the whole machine; name a state for it'],
  ],
  [
    'a task without onDone',
    machineWith({ invoke: { id: 'x', src: 'fetch', onError: 'b' } }),
    ['m: a: invoke x: it ends but has no onDone, so nobody would notice; say what follows'],
  ],
  [
    'a state without a way in',
    machineWith({}, { states: { a: sound, b: { ...sound, on: { back: 'a' } }, c: sound } }),
    ['m: c: no way in: no transition leads here; add one or remove the state'],
  ],
  [
    'a state without a way out',
    machineWith({}, { states: { a: sound, b: { description: 'A trap.', on: { go: 'b' } } } }),
    ['m: b: no way out: no transition leaves it; add one or make it final'],
  ],
  [
    'a state without a description',
    machineWith({ description: ' ' }),
    ['m: a: no description: say in one sentence what the node does or waits for here'],
  ],
  [
    'a machine without a description',
    machineWith({}, { description: undefined }),
    ['m: (root): no description: say in one sentence what the node does or waits for here'],
  ],
  [
    'an initial that does not exist',
    machineWith({ initial: 'y', states: { x: { description: 'Inside.' } } }),
    [
      'm: a: initial `"y"` is not a state here; choose one of x',
      'm: a.x: no way in: no transition leads here; add one or remove the state',
    ],
  ],
  [
    'a machine that may loop for ever',
    machineWith({}, { options: {} }),
    ['m: (root): no options.maxIterations: an `always` cycle hangs the process; set it, 1000 is plenty'],
  ],
  [
    'an unknown key of a state',
    machineWith({ onEntry: 'note' }),
    ['m: a: unknown key `onEntry` in the state is ignored; correct or remove it'],
  ],
  [
    'an unknown key of a transition',
    machineWith({ on: { go: { target: 'b', action: 'note' } } }),
    ['m: a: unknown key `action` in on go is ignored; correct or remove it'],
  ],
  [
    'an unknown key of an invoke',
    machineWith({
      invoke: { id: 'x', source: 'hold', src: 'hold', onError: { target: 'b', gaurd: 'isReady' } },
    }),
    [
      'm: a: unknown key `source` in an invoke is ignored; correct or remove it',
      "m: a: unknown key `gaurd` in an invoke's onError is ignored; correct or remove it",
    ],
  ],
  [
    'an unknown option',
    machineWith({}, { options: { maxIterations: 5, maxItrations: 5 } }),
    ['m: (root): unknown key `maxItrations` in options is ignored; correct or remove it'],
  ],
];

test.each(cases)('finds %s', (_rule, machine, findings) => {
  expect(lintChart(machine)).toEqual(findings);
});

test('finds nothing in a sound machine', () => {
  expect([...lintChart(machineWith({})), ...lintChart(courierMachine)]).toEqual([]);
});

test('takes a wildcard handler around a service as its handler', () => {
  const machine = machineWith(
    { invoke: { id: 'x', src: 'fetch' } },
    { on: { 'xstate.error.actor.*': '.b', 'xstate.done.actor.*': '.b' } },
  );
  expect(lintChart(machine)).toEqual([]);
});

test('a machine without setup has no names at all', () => {
  const bare = createMachine({
    id: 'bare',
    description: 'Bare.',
    options: { maxIterations: 9 },
    on: { go: { actions: 'note' } },
  });
  expect(lintChart(bare)).toEqual([
    'bare: (root): action `note` is not in setup, so nothing would happen; declare it',
    'bare: (root): no way out: no transition leaves it; add one or make it final',
  ]);
});
