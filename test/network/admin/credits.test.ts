// Credits in words and micro-credits in the ledger must agree to the last digit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCredits, parseCredits } from '../../../src/network/admin/credits.js';

test('reads back every amount it writes', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 23n }), (amount) => {
      expect(parseCredits(formatCredits(amount))).toBe(amount);
      expect(formatCredits(-amount)).toBe(`-${formatCredits(amount)}`);
    }),
  );
});

test.each([
  ['1', 1_000_000n],
  ['0.5', 500_000n],
  ['12.000001', 12_000_001n],
])('reads %s', (text, amount) => {
  expect(parseCredits(text)).toBe(amount);
});

test.each(['', '0', '0.0', '-1', '1e3', '.5', '1.', '1.0000001', '1,5', ' 1'])('refuses %j', (text) => {
  expect(parseCredits(text)).toBeUndefined();
});
