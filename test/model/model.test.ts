// A model, walked through all it can do and held against what is expected of it.
import { expect, test } from 'vitest';
import { modelMachine } from '../../src/machines/model-machine.js';
import { recordWalk } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { walkMachine } from './walk-machine.js';
import { modelSpec, modelSpecOptions, modelWorld } from './worlds/model-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(modelMachine, modelWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});

test.each(specPaths(modelSpec, modelMachine, modelSpecOptions))(
  'keeps to its specification: $title',
  ({ run }) => {
    run();
  },
);
