// Every statechart of the project is sound to read.
import { expect, test } from 'vitest';
import { machines } from '../../src/machines/catalog.js';
import { lintChart } from './chart-lint.js';

test.each(Object.entries(machines))(
  '%s: names lead somewhere, failures are heard, every state has a way in and out',
  (_, machine) => {
    expect(lintChart(machine)).toEqual([]);
  },
);

test('a machine is known by its own name', () => {
  expect(Object.values(machines).map(({ id }) => id)).toEqual(Object.keys(machines));
});
