// Whether a node is well, and whether it is ready for jobs: what those who look after it ask.
import type { NodeStatus } from './node-view.js';

/** Every network's node waits for its owner: it cannot go on by itself. */
export const isHalted = (status: NodeStatus): boolean =>
  (status.networks ?? [status]).every(({ stage }) => stage === 'halted');

/** Why it gets no jobs from anywhere; empty while one network at least may send some. */
export const reasonsNotReady = (status: NodeStatus): readonly string[] => {
  const networks = status.networks?.length ? status.networks : [{ ...status.network, ...status }];
  if (networks.some(({ idleReason }) => idleReason === null)) return [];
  return networks.map(({ idleReason, name, url }) =>
    networks.length === 1 ? (idleReason ?? '') : `${name ?? url}: ${idleReason}`,
  );
};
