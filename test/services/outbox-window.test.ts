import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutboxWindow } from '../../src/services/outbox-window.js';

const WINDOW = 4;

/** A window, with the link in the test's hand: what waits for a clear link goes on when the test says so. */
const rig = () => {
  const waiting: (() => void)[] = [];
  const window = createOutboxWindow((then) => void waiting.push(then));
  const sent: number[] = [];
  const places = new Map<number, () => void>();
  const enter = (id: number, acceptedMs: number, isLate = true) => {
    places.set(
      id,
      window.enter({ acceptedMs, isLate }, () => sent.push(id)),
    );
  };
  const leave = (id: number) => {
    places.get(id)?.();
    places.delete(id);
  };
  const clear = () => {
    for (const then of waiting.splice(0)) then();
  };
  const settle = () => {
    while (waiting.length > 0) clear();
  };
  return { window, waiting, sent, places, enter, leave, clear, settle };
};

test('sends a new result at once, however long the outbox', () => {
  const { window, sent, enter } = rig();
  for (let id = 0; id < 100; id++) enter(id, id);
  expect(sent).toEqual([]);
  enter(100, 100, false);
  expect([sent, window.inFlight, window.waiting]).toEqual([[100], 0, 100]);
});

test('sends late results oldest first, whatever order they come in, and no more than the window at a time', () => {
  const { window, sent, enter, leave, settle } = rig();
  for (const [id, acceptedMs] of [30, 10, 60, 20, 50, 40].entries()) enter(id, acceptedMs);
  settle();
  expect([sent, window.inFlight, window.waiting]).toEqual([[1, 3, 0, 5], 4, 2]);
  leave(3);
  settle();
  expect([sent, window.inFlight, window.waiting]).toEqual([[1, 3, 0, 5, 4], 4, 1]);
});

test('sends the next only when the one before has left the queue of the socket', () => {
  const { waiting, sent, enter, clear } = rig();
  for (let id = 0; id < 3; id++) enter(id, id);
  expect(waiting).toHaveLength(1);
  clear();
  expect([sent, waiting]).toEqual([[0], [expect.any(Function)]]);
  clear();
  expect(sent).toEqual([0, 1]);
});

test('forgets who leaves before its turn, and goes on with the next', () => {
  const { window, sent, enter, leave, settle } = rig();
  for (let id = 0; id < 3; id++) enter(id, id);
  leave(0);
  leave(2);
  settle();
  expect([sent, window.inFlight, window.waiting]).toEqual([[1], 1, 0]);
  leave(1);
  expect(window.inFlight).toBe(0);
});

test('starts over with the oldest when a session is lost with the window full', () => {
  const { sent, enter, leave, settle } = rig();
  for (let id = 0; id < 6; id++) enter(id, id);
  settle();
  for (let id = 0; id < 6; id++) leave(id);
  for (let id = 5; id >= 0; id--) enter(id, id);
  settle();
  expect(sent).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('late' as const), ageMs: fc.nat({ max: 20 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'new' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('acknowledged' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('givenUp' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reconnected' as const }) },
  { weight: 6, arbitrary: fc.constant({ kind: 'clear' as const }) },
);

test('whatever happens: never more than the window, never a younger one first, never two copies, and all are sent', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { window, sent, places, enter, leave, clear, settle } = rig();
      const ages = new Map<number, number>();
      const inFlight = new Set<number>();
      const inLine = new Set<number>();
      let next = 0;
      let seen = 0;
      /** Takes note of what was granted, and checks that it was this one's turn. */
      const look = () => {
        for (; seen < sent.length; seen++) {
          const id = sent[seen] ?? -1;
          expect(inLine.has(id)).toBe(true);
          inLine.delete(id);
          inFlight.add(id);
          const age = ages.get(id) ?? 0;
          for (const other of inLine) expect(ages.get(other) ?? 0).toBeGreaterThanOrEqual(age);
        }
        expect([window.inFlight, window.waiting]).toEqual([inFlight.size, inLine.size]);
        expect(inFlight.size).toBeLessThanOrEqual(WINDOW);
      };
      const join = (id: number, acceptedMs: number) => {
        ages.set(id, acceptedMs);
        inLine.add(id);
        enter(id, acceptedMs);
      };
      const part = (from: Set<number>, which: number) => {
        const id = [...from][which % Math.max(1, from.size)];
        if (id === undefined) return;
        from.delete(id);
        leave(id);
      };
      for (const one of steps) {
        if (one.kind === 'late') join(next++, one.ageMs);
        else if (one.kind === 'acknowledged') part(inFlight, one.which);
        else if (one.kind === 'givenUp') part(inLine, one.which);
        else if (one.kind === 'clear') clear();
        else if (one.kind === 'new') {
          const id = next++;
          enter(id, 0, false);
          expect(sent.pop()).toBe(id);
          leave(id);
        } else {
          const all = [...places.keys()];
          for (const id of all) leave(id);
          inFlight.clear();
          inLine.clear();
          for (const id of all) join(id, ages.get(id) ?? 0);
        }
        look();
      }
      while (inFlight.size + inLine.size > 0) {
        settle();
        look();
        part(inFlight, 0);
      }
      expect(places.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
