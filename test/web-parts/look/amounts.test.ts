// Counts and sizes as the pages say them.
import { describe, expect, test } from 'vitest';
import { bytes, counted, percent, rate, shortDigest, whole } from '../../../web/look/amounts.js';

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_536, '1.5 KiB'],
    [10_188, '9.9 KiB'],
    [10_240, '10 KiB'],
    [1_048_575, '1.0 MiB'],
    [24 * 1_024 ** 3, '24 GiB'],
    [5_000 * 1_024 ** 4, '5000 TiB'],
  ])('%d are %s', (count, words) => {
    expect(bytes(count)).toBe(words);
  });
});

test('a rate has one decimal while it is small', () => {
  expect([0, 0.04, 0.44, 9.94, 9.96, 1_240.4].map(rate)).toEqual(['0', '0.0', '0.4', '9.9', '10', '1,240']);
});

test('large numbers have their thousands apart', () => {
  expect([0, 999, 1_000, 1_234_567].map(whole)).toEqual(['0', '999', '1,000', '1,234,567']);
});

test('what is counted is one or many', () => {
  expect([counted(1, 'job'), counted(0, 'job'), counted(2, 'entry', 'entries')]).toEqual([
    '1 job',
    '0 jobs',
    '2 entries',
  ]);
});

test('a share is a percentage, a digest its beginning', () => {
  expect(percent(0.834)).toBe('83 %');
  expect(shortDigest(`sha256:${'0123456789ab'.repeat(6)}`)).toBe('sha256:0123456789ab…');
  expect(shortDigest('sha256:01')).toBe('sha256:01');
});
