// Messages of @statelyai/inspect as the real package writes them from stand-ins: the chart is whole, the secrets are not there.
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import * as stately from '@statelyai/inspect';
import { expect, test } from 'vitest';
import { type AnyStateMachine, createActor, createMachine, fromPromise, setup } from 'xstate';
import { createViewers } from '../../../src/console/inspection/viewers.js';
import { watchActors } from '../../../src/console/inspection/watch-actors.js';
import { loadStately } from '../../../src/console/stately/load-stately.js';
import { createStatelyDialect, statelyMachine } from '../../../src/console/stately/stately-dialect.js';
import { machines } from '../../../src/machines/catalog.js';
import { guardText } from '../../../src/machines/chart-labels.js';
import { chartModel, type StateModel } from '../../../src/machines/chart-model.js';

const CANARY = 'canary-09fe';

/** A literal context and a literal input, in the definition itself: what the package's sanitizers let through. */
const secretive = setup({
  types: {} as { context: { secret: string }; events: { type: 'go'; secret: string } },
  actors: { work: fromPromise<string, { secret: string }>(async ({ input }) => input.secret) },
}).createMachine({
  id: 'secretive',
  context: { secret: CANARY },
  initial: 'idle',
  output: { secret: CANARY },
  states: {
    idle: { on: { go: 'working' }, meta: { secret: CANARY } },
    working: { invoke: { id: 'work', src: 'work', input: { secret: CANARY }, onDone: 'ended' } },
    ended: { type: 'final' },
  },
});

test('tells of actors, events and states, and of nothing they carry', async () => {
  const watch = watchActors((machine) => ({ shown: machine }));
  const actor = createActor(secretive, { id: 'one', inspect: watch.observe }).start();
  const texts: string[] = [];
  createViewers(watch, createStatelyDialect(stately), 1_000_000).attach({
    send: (text) => void texts.push(text),
    bufferedBytes: () => 0,
  });
  const over = new Promise<void>((resolve) => void actor.subscribe({ complete: resolve }));
  actor.send({ type: 'go', secret: CANARY });
  await over;

  const messages = texts.map((text) => JSON.parse(text) as StatelyInspectionEvent);
  expect(messages.map(({ type, sessionId }) => [type, sessionId === actor.sessionId])).toEqual([
    ['@xstate.actor', true],
    ['@xstate.event', true],
    ['@xstate.actor', false],
    ['@xstate.event', false],
    ['@xstate.snapshot', true],
    ['@xstate.event', false],
    ['@xstate.snapshot', false],
    ['@xstate.event', true],
    ['@xstate.snapshot', true],
  ]);
  const [first, , work] = messages;
  expect(first).toMatchObject({
    name: 'one',
    rootId: actor.sessionId,
    _version: '0.7.2',
    snapshot: { status: 'active', value: 'idle', context: { shown: 'secretive' } },
  });
  expect(work).toMatchObject({ name: 'work', parentId: actor.sessionId, rootId: actor.sessionId });
  expect(messages.at(-1)).toMatchObject({
    snapshot: { status: 'done', value: 'ended' },
    event: { type: 'xstate.done.actor.work' },
  });
  expect(texts.join('\n')).not.toContain(CANARY);
});

/** Of a chart all that the definition should keep. */
const gist = (state: StateModel): unknown => ({
  id: state.id,
  type: state.type,
  initial: state.initial,
  history: state.history,
  invoke: state.invoke.map(({ id, src }) => [id, src]),
  transitions: state.transitions
    .map(({ kind, eventType, targets, reenter, guard }) =>
      JSON.stringify([kind, eventType, targets, reenter, guard === undefined ? null : guardText(guard)]),
    )
    .sort(),
  states: state.states.map(gist),
});

test.each(Object.entries(machines))('XState 5 reads the definition of %s as the same chart', (_, machine) => {
  const definition = JSON.parse(JSON.stringify(statelyMachine(machine)));
  const read: AnyStateMachine = createMachine(definition);
  expect(gist(chartModel(machine.id, read).root)).toEqual(gist(chartModel(machine.id, machine).root));
});

test('the definition goes out whole, however deep the chart', () => {
  const machine = machines.node as AnyStateMachine;
  const text = createStatelyDialect(stately).began(
    { session: 'x:1', parent: null, root: 'x:1', id: 'node-0', machine },
    { status: 'active', value: 'setup', tags: [], context: {}, after: 'xstate.init' },
  );
  expect(JSON.parse(JSON.parse(text).definition)).toEqual(
    JSON.parse(JSON.stringify(statelyMachine(machine))),
  );
});

test('without the package the error says how to install it', async () => {
  const missing = loadStately(() => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')));
  await expect(missing).rejects.toMatchObject({
    code: 'CONSOLE_STATELY_MISSING',
    advice: expect.stringContaining('npm install @statelyai/inspect@0.7.2'),
  });
  expect((await loadStately()).createInspector).toBeTypeOf('function');
});
