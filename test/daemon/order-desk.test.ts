// Orders on their way to the node's statechart, and their answers on the way back: to the owner, or to the network.
import { expect, test } from 'vitest';
import { toFailure } from '../../src/errors.js';
import { lasting } from '../model/worlds/failures.js';
import { deskOf, NOON, operating } from './ordered-node.js';

test('the owner hears of an order once it is in force', async () => {
  const { node, desk, said } = await operating();
  await desk.give({ verb: 'pause', note: 'gaming', forMs: 60_000 });
  expect(node.getSnapshot().context.order).toEqual({
    kind: 'pause',
    by: 'owner',
    note: 'gaming',
    sinceMs: NOON,
    untilMs: NOON + 60_000,
    endsMonotonicMs: null,
  });
  await desk.give({ verb: 'resume' });
  expect([node.getSnapshot().context.order, said]).toEqual([null, []]);
});

test('the owner hears why an order is not followed', async () => {
  const { desk } = await operating(() => Promise.reject(lasting));
  await expect(desk.give({ verb: 'drain', untilMs: NOON })).rejects.toMatchObject({
    code: 'ORDER_REFUSED',
    message: expect.stringContaining('has passed'),
  });
  await expect(desk.give({ verb: 'drain' })).rejects.toMatchObject({
    code: 'ORDER_NOT_RECORDED',
    message: expect.stringContaining(toFailure(lasting).message),
  });
});

test('a node that is not in its network takes no orders, and says so', async () => {
  const { node, desk } = deskOf(undefined, () => Promise.reject(lasting));
  await expect.poll(() => node.getSnapshot().matches('halted'), { interval: 1 }).toBe(true);
  await expect(desk.give({ verb: 'pause' })).rejects.toMatchObject({
    code: 'NODE_NOT_OPERATING',
    message: `the node takes no orders while it is in stage 'halted': ${toFailure(lasting).message}`,
  });
});

test('an order that is being written when the node ends is answered all the same', async () => {
  const { node, desk } = await operating(() => new Promise(() => undefined));
  const given = desk.give({ verb: 'pause' });
  node.send({ type: 'link.refused', failure: { code: 'X', message: 'not you', retryable: false } });
  await expect(given).rejects.toMatchObject({ code: 'NODE_NOT_OPERATING' });
});

test('the network is answered in its session, and not at all without one', async () => {
  const { node, desk, said, link } = await operating();
  const ask = (id: string): void =>
    node.send({
      type: 'order.given',
      request: { id, verb: 'drain', by: 'network', note: null, atMs: NOON, untilMs: null },
    });
  ask('a');
  await expect.poll(() => said, { interval: 1 }).toEqual([['admin.result', { id: 'a', outcome: 'done' }]]);
  await desk.give({ verb: 'pause' });
  ask('b');
  expect(said.at(-1)).toEqual(['admin.result', { id: 'b', outcome: 'refused', reason: 'owner_order' }]);
  link.session = undefined;
  ask('c');
  expect(said).toHaveLength(2);
});
