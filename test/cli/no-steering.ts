// A running node's orders for tests that give none.
import type { NodeSteering } from '../../src/console/node-steering.js';

export const noSteering: NodeSteering = {
  retryRuntime: () => ({ retried: false, state: 'ready' }),
  uploadReports: () => Promise.reject(new Error('not asked for')),
  retestModel: () => Promise.reject(new Error('not asked for')),
  order: () => Promise.reject(new Error('not asked for')),
};
