// The link, walked through all it can do and held against what is expected of it.
import { expect, test } from 'vitest';
import { linkMachine } from '../../src/machines/link-machine.js';
import { recordWalk } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { walkMachine } from './walk-machine.js';
import { linkSpec, linkSpecOptions, linkWorld } from './worlds/link-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(linkMachine, linkWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});

test.each(specPaths(linkSpec, linkMachine, linkSpecOptions))(
  'keeps to its specification: $title',
  ({ run }) => {
    run();
  },
);
