// Viewers that read slowly, come late or go: what each is told is whole in itself, and nobody waits for them.
import { expect, test } from 'vitest';
import { createActor, fromPromise, setup } from 'xstate';
import { createViewers, type Dialect } from '../../../src/console/inspection/viewers.js';
import { watchActors } from '../../../src/console/inspection/watch-actors.js';

/** One word for each message, of one length. */
const dialect: Dialect = {
  began: ({ id }, { value }) => `+ ${id} ${value ?? '-'}`,
  received: ({ id }, _, type) => `< ${id} ${type}`,
  moved: ({ id }, { value, status }) => `= ${id} ${value ?? status}`,
  ended: (session) => `- ${sessions.get(session)}`,
};
const sessions = new Map<string, string>();

const lamp = setup({
  types: {} as { events: { type: 'on' | 'off' | 'break' } },
  actors: { glow: fromPromise<void>(() => new Promise(() => {})) },
}).createMachine({
  id: 'lamp',
  initial: 'dark',
  states: {
    dark: { on: { on: 'lit' } },
    lit: { invoke: { id: 'glow', src: 'glow' }, on: { off: 'dark' } },
  },
  on: {
    break: {
      actions: () => {
        throw new Error('broken');
      },
    },
  },
});

/** A viewer that reads when told: until then what it is sent waits. */
const slowReader = () => {
  const texts: string[] = [];
  let waiting: { text: string; sent: () => void }[] = [];
  return {
    texts,
    port: {
      send: (text: string, sent: () => void) => void waiting.push({ text, sent }),
      bufferedBytes: () => waiting.reduce((sum, { text }) => sum + text.length, 0),
    },
    read: () => {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        for (const { text, sent } of batch) {
          texts.push(text);
          sent();
        }
      }
    },
  };
};

const start = () => {
  const watch = watchActors(() => ({}));
  watch.listen({
    began: ({ session, id }) => void sessions.set(session, id),
    received: () => undefined,
    moved: () => undefined,
    ended: () => undefined,
  });
  const light = createActor(lamp, { id: 'light', inspect: watch.observe }).start();
  return { watch, light, viewers: createViewers(watch, dialect, 60) };
};

test('who comes late is told who lives and where it is, parents first', () => {
  const { light, viewers } = start();
  light.send({ type: 'on' });
  const reader = slowReader();
  viewers.attach(reader.port);
  reader.read();
  expect(reader.texts).toEqual(['+ light lit', '+ glow -']);
});

test('who is slow misses what happens meanwhile, and is brought up to date', () => {
  const { light, viewers } = start();
  const reader = slowReader();
  const viewer = viewers.attach(reader.port);
  light.send({ type: 'on' });
  for (let times = 0; times < 20; times++) {
    light.send({ type: 'off' });
    light.send({ type: 'on' });
  }
  expect(reader.port.bufferedBytes()).toBeLessThan(100);
  expect(viewer.missed).toBeGreaterThan(50);
  reader.read();
  // The first glow has ended, another one lives.
  expect(reader.texts.slice(-3)).toEqual(['- glow', '= light lit', '+ glow -']);
  light.send({ type: 'off' });
  reader.read();
  expect(reader.texts.slice(-4)).toEqual(['< light off', '= glow stopped', '- glow', '= light dark']);
});

test('who has left is told nothing, and the others all of it', () => {
  const { light, viewers } = start();
  const [first, second] = [slowReader(), slowReader()];
  const viewer = viewers.attach(first.port);
  viewers.attach(second.port);
  first.read();
  viewer.leave();
  light.send({ type: 'on' });
  first.read();
  second.read();
  expect(first.texts).toEqual(['+ light dark']);
  expect(second.texts).toEqual([
    '+ light dark',
    '< light on',
    '+ glow -',
    '< glow xstate.init',
    '= light lit',
  ]);
});

test('an actor whose action threw is not among the living', () => {
  const { watch, light } = start();
  light.subscribe({ error: () => undefined });
  light.send({ type: 'break' });
  expect(watch.living()).toEqual([]);
});

test('an event for one that has ended brings nobody back', () => {
  const { watch, light } = start();
  light.stop();
  light.send({ type: 'on' });
  expect(watch.living()).toEqual([]);
});
