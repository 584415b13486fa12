// One order to a daemon in several networks: whom it reaches, and what is said of it as a whole.
import { expect, test } from 'vitest';
import type { OrderView } from '../../src/console/order-view.js';
import { commonOrder } from '../../src/daemon/view-daemon.js';

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
