// A job, walked through all it can do and held against what network and owner expect of an attempt.
import { expect, test } from 'vitest';
import { jobMachine } from '../../src/machines/job-machine.js';
import { recordWalk } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { walkMachine } from './walk-machine.js';
import { jobSpec, jobSpecOptions, jobWorld } from './worlds/job-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(jobMachine, jobWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});

test.each(specPaths(jobSpec, jobMachine, jobSpecOptions))('keeps to its specification: $title', ({ run }) => {
  run();
});
