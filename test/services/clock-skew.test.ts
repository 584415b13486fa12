import { expect, test } from 'vitest';
import { clockFailure } from '../../src/services/clock-skew.js';

test('tells a clock that is further off than the network puts up with, and in which direction', () => {
  expect([clockFailure(0), clockFailure(60_000), clockFailure(-60_000)]).toEqual([null, null, null]);
  expect(clockFailure(3_600_000)).toMatchObject({
    code: 'CLOCK_SKEW',
    retryable: true,
    message: expect.stringContaining('3600 s ahead of'),
    advice: expect.stringContaining('set-ntp'),
  });
  expect(clockFailure(-61_000)?.message).toContain('61 s behind');
});
