import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import { createNetworkTime } from '../../src/services/network-time.js';
import { createServingFigures } from '../../src/services/serving-figures.js';
import { tendJournal } from '../../src/services/tend-journal.js';
import {
  acceptedRecord,
  attempt,
  DAY_MS,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from '../adapters/journal/job-fixtures.js';
import { rememberingLogger } from './rig.js';

const MINUTES_10 = 600_000;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rig = async ({ isTold = true } = {}) => {
  let isFull = false;
  const journal = createMemoryJournal({ isFull: () => isFull });
  for (const number of [1, 2]) {
    await journal.accept(acceptedRecord(number));
    await journal.finish(attempt(number), executionOf(number), outputOf(number));
    await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
  }
  await journal.acknowledge(attempt(2), 'accepted', START_MS);
  const clock = new ManualClock(START_MS);
  const time = createNetworkTime(clock);
  if (isTold) time.heard(START_MS);
  const { logger, lines } = rememberingLogger();
  const figures = createServingFigures();
  const told = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    journal,
    clock,
    told,
    time,
    figures,
    stop: tendJournal({ journal, time, figures, logger }),
    fill: (full: boolean) => {
      isFull = full;
    },
  };
};

test('keeps what is in time, and tells which result was given up', async () => {
  const { journal, clock, told, figures, stop } = await rig();
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect([journal.usage(), told()]).toMatchObject([{ results: 1, remembered: 1 }, []]);

  clock.advance(DAY_MS + 10);
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect(journal.usage()).toMatchObject({ results: 0, remembered: 0 });
  expect(told()).toEqual([
    expect.objectContaining({ event: 'result.expired', ...attempt(1), outcome: 'completed' }),
  ]);
  expect(figures.expired).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('gives up nothing by the clock of the host, and looks as soon as the network has told the time', async () => {
  const { journal, clock, time, stop } = await rig({ isTold: false });
  clock.advance(10 * 365 * DAY_MS);
  await vi.advanceTimersByTimeAsync(3 * MINUTES_10);
  expect(journal.usage()).toMatchObject({ results: 1, remembered: 1 });
  time.heard(START_MS + 1);
  clock.set(START_MS + 10 * 365 * DAY_MS);
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect(journal.usage()).toMatchObject({ results: 1, remembered: 1 });
  time.heard(START_MS + DAY_MS + 10);
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect(journal.usage()).toMatchObject({ results: 0, remembered: 0 });
  stop();
});

test('says so when the disk takes no change, and tries again', async () => {
  const { journal, clock, told, stop, fill } = await rig();
  await vi.advanceTimersByTimeAsync(0);
  clock.advance(DAY_MS + 10);
  fill(true);
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect(told()).toEqual([expect.objectContaining({ event: 'journal.prune_failed' })]);
  expect(journal.usage()).toMatchObject({ results: 1, remembered: 1 });
  fill(false);
  await vi.advanceTimersByTimeAsync(MINUTES_10);
  expect(journal.usage()).toMatchObject({ results: 0, remembered: 0 });
  stop();
});
