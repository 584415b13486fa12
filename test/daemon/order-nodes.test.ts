// One order to a daemon in several networks: whom it reaches, and what is said of it as a whole.
import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { dataPaths } from '../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../src/adapters/state/network-state.js';
import type { OrderView } from '../../src/console/order-view.js';
import { orderNodes } from '../../src/daemon/order-nodes.js';
import { commonOrder } from '../../src/daemon/view-daemon.js';
import type { HeldOrder } from '../../src/machines/node/order-book.js';
import { recallOrder } from '../../src/services/keep-order.js';
import { createMembership } from '../../src/services/membership.js';
import { scratch } from '../adapters/state/scratch.js';
import { lasting } from '../model/worlds/failures.js';
import { joinedNetwork, rememberingLogger } from '../services/rig.js';
import { deskOf, NOON, operating } from './ordered-node.js';

const PAUSE: OrderView = {
  kind: 'pause',
  by: 'owner',
  note: 'gaming',
  sinceMs: 1,
  untilMs: null,
  jobsLeft: 1,
  freed: true,
};
const THEIRS: OrderView = { ...PAUSE, by: 'network', kind: 'drain', note: null, jobsLeft: 2, freed: false };

test.each<readonly [string, readonly (OrderView | null)[], OrderView | null]>([
  ['no network', [null, null], null],
  ['the only network', [THEIRS], THEIRS],
  ['one of two networks', [THEIRS, null], null],
  ['both networks', [THEIRS, THEIRS], { ...THEIRS, jobsLeft: 4 }],
  ['the owner', [PAUSE, PAUSE], { ...PAUSE, jobsLeft: 2 }],
  ['the owner, in a network that could follow', [null, PAUSE], PAUSE],
  ['the owner, and a network before', [THEIRS, PAUSE], { ...PAUSE, jobsLeft: 3, freed: false }],
])('an order of %s', (_, orders, whole) => {
  expect(commonOrder(orders)).toEqual(whole);
});

const PAUSED = { kind: 'pause', by: 'owner', note: 'gaming', since_ms: NOON, until_ms: null };

/** Over the records of an Agent's earlier life, if there were any. */
const halted = async (root: string) => {
  const paths = dataPaths(root).network('devnet');
  await mkdir(paths.directory, { recursive: true });
  const state = await openNetworkState(paths, 'devnet');
  const membership = createMembership();
  membership.network.set(joinedNetwork(state));
  const { node, desk } = deskOf(undefined, () => Promise.reject(lasting), membership);
  await expect.poll(() => node.getSnapshot().matches('halted'), { interval: 1 }).toBe(true);
  const recall = (): Promise<HeldOrder | null> => {
    const { logger } = rememberingLogger();
    const parts = { membership, ownersOrder: () => null, clock: new ManualClock(NOON), logger };
    return toPromise(createActor(recallOrder(parts)).start());
  };
  return { actor: node, orders: desk, view: { order: () => null }, state, recall };
};

const well = async () => {
  const { node, desk } = await operating();
  return { actor: node, orders: desk, view: { order: () => null } };
};

test('a node that has halted finds on its disk what the owner ordered meanwhile', async () => {
  const root = await scratch();
  const ill = await halted(root);
  const nodes = [await well(), ill] as const;
  await orderNodes(nodes, { verb: 'pause', note: 'gaming' });
  expect(ill.state.order.data).toEqual(PAUSED);
  const next = await halted(root);
  expect(await next.recall()).toMatchObject({ kind: 'pause', by: 'owner', note: 'gaming' });
  await orderNodes([await well(), next], { verb: 'resume' });
  expect(await (await halted(root)).recall()).toBeNull();
});

test('an order that no node follows is written down by none', async () => {
  const ill = await halted(await scratch());
  await expect(orderNodes([ill], { verb: 'pause' })).rejects.toMatchObject({ code: 'NODE_NOT_OPERATING' });
  const fit = await well();
  const past = { verb: 'pause', untilMs: NOON - 1 } as const;
  await expect(orderNodes([fit, ill], past)).rejects.toMatchObject({ code: 'ORDER_REFUSED' });
  expect(ill.state.order.data).toBeNull();
});

test('a network that was never joined is left out', async () => {
  const { node, desk } = deskOf(undefined, () => Promise.reject(lasting));
  const nodes = [await well(), { actor: node, orders: desk, view: { order: () => null } }] as const;
  await expect(orderNodes(nodes, { verb: 'drain' })).resolves.toMatchObject({ stage: 'draining' });
});
