import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchSilence } from '../../../src/adapters/network-socket/watch-silence.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rig = () => {
  const calls: string[] = [];
  const silence = watchSilence({ ping: () => void calls.push('ping'), dead: () => void calls.push('dead') });
  return { calls, silence };
};

test('asks at each interval, and counts silence as death at the moment it has lasted too long', async () => {
  const { calls, silence } = rig();
  silence.watch(1_000, 2_500);
  await vi.advanceTimersByTimeAsync(2_499);
  expect(calls).toEqual(['ping', 'ping']);
  await vi.advanceTimersByTimeAsync(2);
  expect(calls).toEqual(['ping', 'ping', 'dead']);
});

test('begins anew with every sign of life, and with other times', async () => {
  const { calls, silence } = rig();
  silence.watch(10_000, 25_000);
  silence.watch(1_000, 2_500);
  for (let second = 0; second < 10; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    silence.heard();
  }
  expect(calls).toEqual(Array.from({ length: 10 }, () => 'ping'));
  silence.end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toHaveLength(10);
  expect(vi.getTimerCount()).toBe(0);
});

test('reads what came while the process was stopped before it judges', async () => {
  const { calls, silence } = rig();
  silence.watch(60_000, 2_500);
  // Woken late: the timer is due first, the bytes of the far end are read in the same turn.
  vi.advanceTimersByTime(2_500);
  silence.heard();
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(calls).toEqual(['dead']);
});
