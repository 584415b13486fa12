// Times as the pages say them.
import { describe, expect, test } from 'vitest';
import { ago, ahead, clockTime, dayTime, duration } from '../../../web/look/durations.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a duration', () => {
  test.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_499, '59 s'],
    [59_999, '60 s'],
    [MINUTE, '1 min'],
    [MINUTE + 1_999, '1 min 1 s'],
    [HOUR - 1, '59 min 59 s'],
    [HOUR, '1 h'],
    [2 * HOUR + 5 * MINUTE + 59 * SECOND, '2 h 5 min'],
    [DAY, '1 d'],
    [4 * DAY + 3 * HOUR + MINUTE, '4 d 3 h'],
  ])('of %d ms is %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});

describe('a time before or after now', () => {
  test.each([
    [999, 'now', 'in 1 s'],
    [5 * SECOND, '5 s ago', 'in 5 s'],
    [119 * SECOND, '119 s ago', 'in 119 s'],
    [2 * MINUTE, '2 min ago', 'in 2 min'],
    [2 * HOUR, '2 h ago', 'in 2 h'],
    [47 * HOUR, '47 h ago', 'in 47 h'],
    [2 * DAY, '2 d ago', 'in 48 h'],
  ])('that is %d ms away is %s, or %s', (ms, before, after) => {
    expect(ago(-ms, 0)).toBe(before);
    expect(ahead(ms, 0)).toBe(after);
  });

  test('is now once it is due, and never in the past or the future', () => {
    expect(ahead(-5_000, 0)).toBe('now');
    expect(ago(5_000, 0)).toBe('now');
  });
});

test('an hour of the day is shown alone today and with its date on any other day', () => {
  const at = new Date(2026, 2, 9, 7, 5, 3).getTime();
  expect(clockTime(at)).toBe('07:05:03');
  expect(dayTime(at, at + HOUR)).toBe('07:05');
  expect(dayTime(at, at + DAY)).toBe('2026-03-09 07:05');
});
