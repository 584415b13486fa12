// The spread of ten thousand nodes that lost the same network at the same moment.
import { expect, test } from 'vitest';
import { fullJitter, growingBound } from '../../src/daemon/full-jitter.js';
import { seededRandom } from '../faults/scale.js';

const BASE_MS = 1_000;
const CAP_MS = 60_000;
const NODES = 10_000;

test('the bound doubles up to the cap, and stays there however often it fails', () => {
  const bounds = [0, 1, 2, 5, 6, 30, 1_000_000].map((failures) => growingBound(failures, BASE_MS, CAP_MS));
  expect(bounds).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test.each([0, 3, 9])(
  'after %i failures nodes come back spread evenly from at once to the bound',
  (failures) => {
    const draw = seededRandom(`jitter ${failures}`);
    const bound = growingBound(failures, BASE_MS, CAP_MS);
    const pauses = Array.from({ length: NODES }, () => fullJitter(bound, () => draw(1 << 30) / (1 << 30)));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(bound);
    for (let tenth = 0; tenth < 10; tenth++) {
      const inIt = pauses.filter((pause) => Math.min(9, Math.floor((10 * pause) / bound)) === tenth);
      expect(Math.abs(inIt.length / NODES - 0.1)).toBeLessThan(0.02);
    }
  },
);

test('the ends of chance are the ends of the pause', () => {
  expect([fullJitter(CAP_MS, () => 0), fullJitter(CAP_MS, () => 1 - Number.EPSILON)]).toEqual([0, CAP_MS]);
});
