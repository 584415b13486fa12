// Observers watch; whatever they do, the statechart they watch goes on.
import { describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { createObservers } from '../../../src/console/inspection/observers.js';

const lamp = setup({ types: {} as { events: { type: 'lamp.pressed' } } }).createMachine({
  id: 'lamp',
  initial: 'dark',
  states: { dark: { on: { 'lamp.pressed': 'lit' } }, lit: { on: { 'lamp.pressed': 'dark' } } },
});

describe('observers', () => {
  test('each is told of every event, in the order in which they came', () => {
    const observers = createObservers();
    const told: string[] = [];
    observers.add((event) => told.push(`first ${event.type}`));
    observers.add((event) => told.push(`second ${event.type}`));
    const actor = createActor(lamp, { inspect: observers.observe }).start();
    told.length = 0;
    actor.send({ type: 'lamp.pressed' });
    expect(told).toEqual([
      'first @xstate.event',
      'second @xstate.event',
      'first @xstate.microstep',
      'second @xstate.microstep',
      'first @xstate.snapshot',
      'second @xstate.snapshot',
    ]);
  });

  test('one that throws is named once, asked no more, and breaks neither the actor nor the others', () => {
    const failures: unknown[] = [];
    const observers = createObservers((name, error) => failures.push([name, error]));
    let seen = 0;
    const fault = new Error('of the observer');
    observers.add(() => {
      throw fault;
    }, 'faulty');
    observers.add(() => {
      seen++;
    });
    const actor = createActor(lamp, { inspect: observers.observe }).start();
    const before = seen;
    actor.send({ type: 'lamp.pressed' });
    expect(actor.getSnapshot().value).toBe('lit');
    expect(seen).toBe(before + 3);
    expect(failures).toEqual([['faulty', fault]]);
  });

  test('one may leave while it is told, and another may come', () => {
    const observers = createObservers();
    const told: string[] = [];
    const leave = observers.add((event) => {
      if (event.type !== '@xstate.event') return;
      told.push('leaver');
      leave();
      observers.add(({ type }) => told.push(`comer ${type}`));
    });
    const actor = createActor(lamp, { inspect: observers.observe });
    actor.start();
    expect(told).toEqual(['leaver', 'comer @xstate.snapshot']);
    actor.send({ type: 'lamp.pressed' });
    expect(told.filter((one) => one === 'leaver')).toHaveLength(1);
  });

  test('the same function added twice is told twice, and leaves once at a time', () => {
    const observers = createObservers();
    let count = 0;
    const observer = () => {
      count++;
    };
    const leave = observers.add(observer);
    observers.add(observer);
    leave();
    leave();
    createActor(lamp, { inspect: observers.observe });
    expect(count).toBe(1);
    expect(observers.isWatched).toBe(true);
  });

  test('knows whether anybody watches', () => {
    const observers = createObservers();
    expect(observers.isWatched).toBe(false);
    const leave = observers.add(() => undefined);
    expect(observers.isWatched).toBe(true);
    leave();
    expect(observers.isWatched).toBe(false);
  });
});
