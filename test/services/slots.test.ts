import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlots } from '../../src/services/slots.js';

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

/** Asks for a slot and writes down when it is granted. */
const asker = (slots: ReturnType<typeof createSlots>) => {
  const granted: string[] = [];
  const ask = (name: string, priority = 0) => slots.acquire(priority, () => granted.push(name));
  return { granted, ask };
};

test('grants free slots after the current turn, not within the call', async () => {
  const slots = createSlots(1);
  const { granted, ask } = asker(slots);
  ask('a');
  expect([granted, slots.taken, slots.waiting]).toEqual([[], 0, 1]);
  await turn();
  expect([granted, slots.taken, slots.waiting]).toEqual([['a'], 1, 0]);
});

test('serves the higher priority first, and the older among equals', async () => {
  const slots = createSlots(0);
  const { granted, ask } = asker(slots);
  for (const [name, priority] of [
    ['low', 1],
    ['high', 9],
    ['low too', 1],
    ['high too', 9],
    ['middle', 5],
  ] as const) {
    ask(name, priority);
  }
  slots.resize(5);
  await turn();
  expect(granted).toEqual(['high', 'high too', 'middle', 'low', 'low too']);
});

test('passes a slot on when it is given back, and only once', async () => {
  const slots = createSlots(1);
  const { granted, ask } = asker(slots);
  const giveBack = ask('a');
  ask('b');
  ask('c');
  await turn();
  giveBack();
  giveBack();
  await turn();
  expect([granted, slots.taken, slots.waiting]).toEqual([['a', 'b'], 1, 1]);
});

test('forgets who gives up waiting', async () => {
  const slots = createSlots(0);
  const { granted, ask } = asker(slots);
  const giveUp = ask('a');
  ask('b');
  giveUp();
  giveUp();
  slots.resize(2);
  await turn();
  expect([granted, slots.taken, slots.waiting]).toEqual([['b'], 1, 0]);
});

test('takes no slot away when it shrinks; it waits until enough are given back', async () => {
  const slots = createSlots(3);
  const { granted, ask } = asker(slots);
  const back = ['a', 'b', 'c'].map((name) => ask(name));
  await turn();
  slots.resize(1);
  ask('d');
  await turn();
  expect([slots.taken, slots.total, slots.waiting]).toEqual([3, 1, 1]);
  back[0]?.();
  back[1]?.();
  await turn();
  expect(granted).toEqual(['a', 'b', 'c']);
  back[2]?.();
  await turn();
  expect(granted).toEqual(['a', 'b', 'c', 'd']);
});

test('never holds more than the total when it grants, loses no slot and starves nobody', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), priority: fc.nat({ max: 9 }) }),
    fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('resize' as const), total: fc.nat({ max: 4 }) }),
    fc.record({ kind: fc.constant('turn' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const slots = createSlots(2);
      const held = new Set<number>();
      const releases = new Map<number, () => void>();
      let asked = 0;
      for (const one of steps) {
        if (one.kind === 'ask') {
          const id = asked++;
          const release = slots.acquire(one.priority, () => {
            held.add(id);
            expect(held.size).toBeLessThanOrEqual(slots.total);
            expect(slots.taken).toBe(held.size);
          });
          releases.set(id, release);
        } else if (one.kind === 'release') {
          const id = [...releases.keys()][one.which % Math.max(1, releases.size)];
          if (id === undefined) continue;
          held.delete(id);
          releases.get(id)?.();
          releases.delete(id);
        } else if (one.kind === 'resize') slots.resize(one.total);
        else await turn();
        expect(slots.taken).toBe(held.size);
        expect(slots.taken + slots.waiting).toBe(releases.size);
      }
      slots.resize(asked);
      await turn();
      expect([slots.waiting, held.size]).toEqual([0, releases.size]);
    }),
  );
});
