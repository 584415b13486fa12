// Orders on their way to the node's statechart, and their answers on the way back: to the owner, or to the network.
import { expect, test } from 'vitest';
import { createActor, fromCallback, fromPromise } from 'xstate';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { createOrderDesk } from '../../src/daemon/order-desk.js';
import { toFailure } from '../../src/errors.js';
import type { ConfigPlan } from '../../src/machines/config-sync-machine.js';
import { type LinkEvent, linkMachine } from '../../src/machines/link-machine.js';
import type { JobsOrder, RuntimeOrder } from '../../src/machines/node/node-events.js';
import type { HeldOrder, NodeOrder } from '../../src/machines/node/order-book.js';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { lasting } from '../model/worlds/failures.js';
import { rememberingLogger } from '../services/rig.js';

const NOON = Date.UTC(2026, 10, 23, 12);

/** A node whose services say nothing, at the desk; writes go as `write` says. */
const deskOf = (
  write: (order: NodeOrder | null) => Promise<void> = async () => undefined,
  join: () => Promise<{ network: string; registered: boolean }> = async () => ({
    network: 'net',
    registered: true,
  }),
) => {
  const said: unknown[] = [];
  const link: { session: string | undefined } = { session: 's' };
  const lane: Parameters<typeof createOrderDesk>[0]['lane'] = {
    get session() {
      return link.session;
    },
    send: (type, body) => void said.push([type, body]),
  };
  const node = createActor(
    nodeMachine.provide({
      actors: {
        openIdentity: fromPromise(async () => ({ nodeId: 'n' })),
        probeHost: fromPromise<void, undefined>(async () => undefined),
        joinNetwork: fromPromise(join),
        recallOrder: fromPromise<HeldOrder | null, undefined>(async () => null),
        recordOrder: fromPromise<HeldOrder | null, { order: NodeOrder | null }>(
          async ({ input: { order } }) => {
            await write(order);
            return order === null ? null : { ...order, endsMonotonicMs: null };
          },
        ),
        loadConfig: fromPromise<ConfigPlan | null, undefined>(async () => null),
        superviseJobs: fromCallback<JobsOrder, undefined>(() => undefined),
        attachRuntime: fromCallback<RuntimeOrder, undefined>(() => undefined),
        link: linkMachine.provide({
          actors: { holdSession: fromCallback<LinkEvent, undefined>(() => undefined) },
        }),
      },
    }),
  );
  const { logger } = rememberingLogger();
  const desk = createOrderDesk({ node, lane, clock: new ManualClock(NOON), logger });
  node.start();
  return { node, desk, said, link };
};

const operating = async (...parts: Parameters<typeof deskOf>) => {
  const rig = deskOf(...parts);
  await expect.poll(() => rig.node.getSnapshot().matches('operating'), { interval: 1 }).toBe(true);
  return rig;
};

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
