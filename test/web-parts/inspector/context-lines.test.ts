// How a context reads: flat, short, and not without end.
import { expect, test } from 'vitest';
import { contextLines } from '../../../web/console/inspector/details/context-lines.js';

test('nested parts have their path, lists of plain values one line', () => {
  expect(
    contextLines({
      failures: 0,
      failure: null,
      config: { version: 3 },
      models: [{ id: 'a' }],
      served: ['x', 'y'],
      none: [],
    }),
  ).toEqual([
    { key: 'failures', value: '0' },
    { key: 'failure', value: 'null' },
    { key: 'config.version', value: '3' },
    { key: 'models[0].id', value: 'a' },
    { key: 'served', value: 'x, y' },
    { key: 'none', value: '[]' },
  ]);
});

test('many parts are cut, and it says how many', () => {
  const lines = contextLines(
    Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, index])),
  );
  expect(lines).toHaveLength(61);
  expect(lines.at(-1)).toEqual({ key: '…', value: '40 more' });
});
