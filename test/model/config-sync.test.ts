// A configuration sync, walked through all it can do and held against what is expected of it.
import { expect, test } from 'vitest';
import { configSyncMachine } from '../../src/machines/config-sync-machine.js';
import { recordWalk } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { walkMachine } from './walk-machine.js';
import { configSyncSpec, configSyncSpecOptions, configSyncWorld } from './worlds/config-sync-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(configSyncMachine, configSyncWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});

test.each(specPaths(configSyncSpec, configSyncMachine, configSyncSpecOptions))(
  'keeps to its specification: $title',
  ({ run }) => {
    run();
  },
);
