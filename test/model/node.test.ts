// The node, walked through all it can do; its children are silent stand-ins and their news is injected.
import { beforeAll, expect, test, vi } from 'vitest';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { recordWalk } from './coverage-report.js';
import { mergeWalks } from './merge-walks.js';
import { walkMachine } from './walk-machine.js';
import { nodeWalks } from './worlds/node-world.js';

beforeAll(() => {
  // XState's development build warns when a region, on its way out, tells a service that has just failed.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

test('reaches every state and takes every transition', async () => {
  const report = mergeWalks(nodeWalks.map((walk) => walkMachine(nodeMachine, walk)));
  await recordWalk(report);
  expect(report.missing).toEqual([]);
  // Some exist only by a way on which another region moved as well, and such a way is not kept on the map.
  expect(report.pairs.covered / report.pairs.total).toBeGreaterThanOrEqual(0.95);
});
