// The Runtime, walked through all it can do and held against what is expected of it.
import { expect, test } from 'vitest';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { recordWalk } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { walkMachine } from './walk-machine.js';
import { runtimeSpec, runtimeSpecOptions } from './worlds/runtime-spec.js';
import { runtimeWorld } from './worlds/runtime-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(runtimeMachine, runtimeWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});

test.each(specPaths(runtimeSpec, runtimeMachine, runtimeSpecOptions))(
  'keeps to its specification: $title',
  ({ run }) => {
    run();
  },
);
