// Orders in words.
import { expect, test } from 'vitest';
import type { OrderView } from '../../../src/console/order-view.js';
import { orderWords } from '../../../web/console/words/order-words.js';

const at = (hours: number, minutes: number): number => new Date(2026, 10, 23, hours, minutes).getTime();

const order = (more: Partial<OrderView>): OrderView => ({
  kind: 'drain',
  by: 'owner',
  note: null,
  sinceMs: at(9, 10),
  untilMs: null,
  jobsLeft: 2,
  freed: false,
  ...more,
});

test.each([
  [{}, 'Draining: 2 jobs left. By its owner since 09:10, until resumed.'],
  [{ jobsLeft: 0 }, 'Drained: no jobs left. By its owner since 09:10, until resumed.'],
  [
    { kind: 'pause' as const, jobsLeft: 0, untilMs: at(10, 42), note: 'gaming' },
    'Pausing: the GPU is being freed. By its owner since 09:10, until 10:42: “gaming”.',
  ],
  [
    { kind: 'pause' as const, jobsLeft: 0, freed: true, by: 'network' as const },
    'Paused: the GPU is free. By the network since 09:10, until resumed.',
  ],
])('%j is said as a sentence', (more, words) => {
  expect(orderWords(order(more), at(10, 0))).toBe(words);
});
