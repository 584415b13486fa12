// What the charts draw.
import { expect, test } from 'vitest';
import type { Sample } from '../../../src/console/feed/feed-messages.js';
import { newest, seriesOf } from '../../../web/console/charts/samples.js';

const sample = (seconds: number, firstTokenMs: number | null): Sample => ({
  atMs: seconds * 1_000,
  tokensPerSecond: seconds,
  firstTokenMs,
  running: 0,
  queued: 0,
  outbox: 0,
  gpus: [],
});

test('the last five minutes are drawn, from their begin on even where there is nothing yet', () => {
  const samples = [sample(600, null), sample(800, 40), sample(1_000, null)];
  expect(seriesOf(samples, ({ firstTokenMs }) => firstTokenMs)).toEqual([
    [700, 800, 1_000],
    [null, 40, null],
  ]);
  expect(seriesOf([], () => 1)).toEqual([[], []]);
});

test('the newest figure is the last that there was', () => {
  const samples = [sample(1, 30), sample(2, 20), sample(3, null)];
  expect(newest(samples, ({ firstTokenMs }) => firstTokenMs)).toBe(20);
  expect(newest([sample(1, null)], ({ firstTokenMs }) => firstTokenMs)).toBeNull();
});
