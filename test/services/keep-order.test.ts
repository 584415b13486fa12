// The order to drain or pause on disk: what a start finds, what a failing disk leaves, and whose clock says when it ends.
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { dataPaths } from '../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../src/adapters/state/network-state.js';
import type { HeldOrder, NodeOrder } from '../../src/machines/node/order-book.js';
import { recallOrder, recordOrder } from '../../src/services/keep-order.js';
import { createMembership } from '../../src/services/membership.js';
import { awaitOrderEnd } from '../../src/services/watch-deadline.js';
import { failingDisk } from '../adapters/state/failing-disk.js';
import { scratch } from '../adapters/state/scratch.js';
import { joinedNetwork, rememberingLogger } from './rig.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const PAUSE: NodeOrder = {
  kind: 'pause',
  by: 'owner',
  note: 'gaming',
  sinceMs: NOON,
  untilMs: NOON + 2 * HOUR,
};

/** One life of an Agent on the same data directory. */
const life = async (
  root: string,
  clock: ManualClock,
  disk?: Parameters<typeof openNetworkState>[2],
  ownersOrder: () => NodeOrder | null = () => null,
) => {
  const paths = dataPaths(root).network('devnet');
  await mkdir(paths.directory, { recursive: true });
  const state = await openNetworkState(paths, 'devnet', disk);
  const membership = createMembership();
  membership.network.set(joinedNetwork(state));
  const { logger, lines } = rememberingLogger();
  const parts = { membership, ownersOrder, clock, logger };
  return {
    state,
    lines,
    recall: (): Promise<HeldOrder | null> => toPromise(createActor(recallOrder(parts)).start()),
    record: (order: NodeOrder | null): Promise<HeldOrder | null> =>
      toPromise(createActor(recordOrder(parts), { input: { order } }).start()),
  };
};

test('what is recorded is in force in the next life, with what is left of its time', async () => {
  const root = await scratch();
  const first = await life(root, new ManualClock(NOON));
  expect(await first.recall()).toBeNull();
  expect(await first.record(PAUSE)).toEqual({ ...PAUSE, endsMonotonicMs: 2 * HOUR });
  const later = await life(root, new ManualClock(NOON + HOUR));
  expect(await later.recall()).toEqual({ ...PAUSE, endsMonotonicMs: HOUR });
  await later.record(null);
  expect(await (await life(root, new ManualClock(NOON + HOUR))).recall()).toBeNull();
});

test('one without an end holds for ever', async () => {
  const root = await scratch();
  await (await life(root, new ManualClock(NOON))).record({ ...PAUSE, untilMs: null });
  const later = await life(root, new ManualClock(NOON + 1_000 * HOUR));
  expect(await later.recall()).toMatchObject({ note: 'gaming', endsMonotonicMs: null });
});

test('one whose end passed while the Agent was off is over, and goes from the disk', async () => {
  const root = await scratch();
  await (await life(root, new ManualClock(NOON))).record(PAUSE);
  const later = await life(root, new ManualClock(NOON + 2 * HOUR));
  expect(await later.recall()).toBeNull();
  expect(later.state.order.data).toBeNull();
  expect(later.lines.join()).toContain('order.over');
});

test('the owner’s word in another network holds here as well, and outlasts it', async () => {
  const root = await scratch();
  const clock = new ManualClock(NOON);
  await (await life(root, clock)).record({ ...PAUSE, by: 'network', kind: 'drain' });
  const joined = await life(root, clock, undefined, () => PAUSE);
  expect(await joined.recall()).toEqual({ ...PAUSE, endsMonotonicMs: 2 * HOUR });
  expect(await (await life(root, clock)).recall()).toMatchObject({ by: 'owner', kind: 'pause' });
  const own = await life(root, clock, undefined, () => ({ ...PAUSE, note: 'elsewhere' }));
  expect(await own.recall()).toMatchObject({ note: 'gaming' });
});

test('a disk that fails leaves the order before in force', async () => {
  const root = await scratch();
  const clock = new ManualClock(NOON);
  await (await life(root, clock)).record(PAUSE);
  const broken = await life(root, clock, failingDisk(Array.from({ length: 20 }, () => 'before' as const)));
  await expect(broken.record(null)).rejects.toMatchObject({ code: 'STATE_WRITE' });
  expect(await broken.recall()).toMatchObject({ note: 'gaming' });
  expect(await (await life(root, clock)).recall()).toMatchObject({ note: 'gaming' });
});

test('one that nobody can read is not followed', async () => {
  const root = await scratch();
  await life(root, new ManualClock(NOON));
  await writeFile(dataPaths(root).network('devnet').order, '{"kind":"pause"}');
  expect(await (await life(root, new ManualClock(NOON))).recall()).toBeNull();
});

describe('the end of an order', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const pass = async (clock: ManualClock, ms: number): Promise<void> => {
    clock.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
  };

  test('comes when its time has passed, whatever the clock on the wall is set to', async () => {
    const clock = new ManualClock(NOON);
    const waiting = createActor(awaitOrderEnd(clock), { input: { atMonotonicMs: 2 * HOUR } }).start();
    await pass(clock, HOUR);
    clock.set(NOON + 1_000 * HOUR);
    await pass(clock, HOUR - 1);
    clock.set(NOON - 1_000 * HOUR);
    expect(waiting.getSnapshot().status).toBe('active');
    await pass(clock, 1);
    expect(waiting.getSnapshot().status).toBe('done');
  });

  test('may be further away than the longest timer', async () => {
    const clock = new ManualClock(NOON);
    const day = 24 * HOUR;
    const waiting = createActor(awaitOrderEnd(clock), { input: { atMonotonicMs: 60 * day } }).start();
    await pass(clock, 59 * day);
    expect(waiting.getSnapshot().status).toBe('active');
    await pass(clock, day);
    expect(waiting.getSnapshot().status).toBe('done');
  });

  test('is not waited for any more once the order is lifted', async () => {
    const waiting = createActor(awaitOrderEnd(new ManualClock(NOON)), {
      input: { atMonotonicMs: HOUR },
    }).start();
    await vi.advanceTimersByTimeAsync(0);
    waiting.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
