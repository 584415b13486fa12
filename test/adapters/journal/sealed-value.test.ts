import { expect, test } from 'vitest';
import { openValue, sealValue } from '../../../src/adapters/journal/sealed-value.js';

const value = { body: 'ä', chunks: null };

test('opens what it sealed, in its place and nowhere else', () => {
  const sealed = sealValue(value, 'outputs/a:1');
  expect(openValue(sealed, 'outputs/a:1')).toEqual(value);
  expect(() => openValue(sealed, 'outputs/b:1')).toThrow('checksum does not match');
});

test.each([0, 1, 4])('refuses %i bytes', (length) => {
  expect(() => openValue(sealValue(value, 'x').subarray(0, length), 'x')).toThrow(/unknown format|cut short/);
});
