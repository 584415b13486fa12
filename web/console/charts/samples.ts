// What the charts draw, from the feed's samples.
import type { Sample } from '../../../src/console/feed/feed-messages.js';

/** Five minutes. */
const SHOWN_S = 300;

/** Seconds since the epoch, and the figure at each; null where there is none. */
export type Points = readonly [seconds: readonly number[], values: readonly (number | null)[]];

/**
 * The last five minutes of one figure, with an empty point at their begin: the axis does not stretch while they fill.
 * @param samples oldest first
 */
export const seriesOf = (samples: readonly Sample[], pick: (sample: Sample) => number | null): Points => {
  const newest = samples.at(-1);
  if (newest === undefined) return [[], []];
  const firstMs = newest.atMs - SHOWN_S * 1_000;
  const shown = samples.filter(({ atMs }) => atMs > firstMs);
  return [
    [firstMs / 1_000, ...shown.map(({ atMs }) => atMs / 1_000)],
    [null, ...shown.map(pick)],
  ];
};

/** The newest figure there is, however old; null where there is none. */
export const newest = (
  samples: readonly Sample[],
  pick: (sample: Sample) => number | null,
): number | null => {
  for (let index = samples.length - 1; index >= 0; index--) {
    const sample = samples[index];
    const value = sample === undefined ? null : pick(sample);
    if (value !== null) return value;
  }
  return null;
};
