// Two networks at one engine: slots and credits.
import { expect, test } from 'vitest';
import { createCrowd } from '../../src/services/crowd.js';
import { shareSlots } from '../../src/services/share-slots.js';
import { createSlots } from '../../src/services/slots.js';

test('all wait in one queue for the same slots, and each network counts its own', async () => {
  const engine = createSlots(1);
  const [main, testnet] = [shareSlots(engine), shareSlots(engine)];
  const order: string[] = [];
  const first = main.acquire(0, () => void order.push('main'));
  await Promise.resolve();
  const second = testnet.acquire(0, () => void order.push('test'));
  const third = main.acquire(5, () => void order.push('urgent'));
  await Promise.resolve();
  const counts = () =>
    [main, testnet].map(({ taken, waiting, total, free }) => ({ taken, waiting, total, free }));
  expect(counts()).toEqual([
    { taken: 1, waiting: 1, total: 1, free: 0 },
    { taken: 0, waiting: 1, total: 1, free: 0 },
  ]);
  first();
  await Promise.resolve();
  expect(order).toEqual(['main', 'urgent']);
  second();
  second();
  third();
  await Promise.resolve();
  expect(counts()).toEqual([
    { taken: 0, waiting: 0, total: 1, free: 1 },
    { taken: 0, waiting: 0, total: 1, free: 1 },
  ]);
  main.resize(3);
  expect(testnet.total).toBe(3);
});

test('each network sees what the others have in hand, and hears when that changes', () => {
  const crowd = createCrowd();
  const heard: string[] = [];
  const has = { a: 2, b: 5 };
  const a = crowd.join({ count: () => has.a, recount: () => void heard.push('a') });
  const b = crowd.join({ count: () => has.b, recount: () => void heard.push('b') });
  expect([a.count(), b.count()]).toEqual([5, 2]);
  has.b = 0;
  b.tell();
  expect([a.count(), heard]).toEqual([0, ['a']]);
});
