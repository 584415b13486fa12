// What the roots of the statecharts are called, so that whoever watches knows to which network's node an actor belongs.

const OF_A_NODE = /^node-(\d+)$/;

/** @param at the network's position in the owner's order */
export const nodeRootName = (at: number): string => `node-${at}`;

/** The Runtime is shared by all networks. */
export const RUNTIME_ROOT_NAME = 'runtime';

/** @returns the network's position; null for a root that all share */
export const networkOfRoot = (id: string): number | null => {
  const at = OF_A_NODE.exec(id)?.[1];
  return at === undefined ? null : Number(at);
};
