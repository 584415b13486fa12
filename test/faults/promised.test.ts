import { expect, test } from 'vitest';
import { PROMISED_DAMAGES, PROMISED_IMAGES } from './promised.js';

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

test('promises 50,000 damages and 20,000 power cuts', () => {
  expect(sum(PROMISED_DAMAGES)).toBeGreaterThanOrEqual(50_000);
  expect(sum(PROMISED_IMAGES)).toBeGreaterThanOrEqual(20_000);
});
