// The reports, walked through all they can do.
import { expect, test } from 'vitest';
import { reportMachine } from '../../src/machines/report-machine.js';
import { recordWalk } from './coverage-report.js';
import { walkMachine } from './walk-machine.js';
import { reportWorld } from './worlds/report-world.js';

test('reaches every state and takes every transition', async () => {
  const report = walkMachine(reportMachine, reportWorld);
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  expect(report.pairs.missing).toEqual([]);
});
