// The floor on disk, and the versions a node said it had brought into force.
import type { History } from '../history.js';
import { groupBy, type Invariant } from '../invariant.js';

/** Where a list of numbers falls, in words. */
const falls = (what: string, versions: readonly number[]): string[] =>
  versions.flatMap((version, index) => {
    const before = versions[index - 1] ?? 0;
    return version < before ? [`${what} fell from ${before} to ${version}`] : [];
  });

/** Versions each node said it had brought into force, in its own order. */
const appliedBy = (history: History): ReadonlyMap<string, number[]> => {
  const nodes = new Map<number, string>();
  const applied = new Map<string, number[]>();
  for (const { link, said } of history.of('frame')) {
    if (said.t === 'hello') nodes.set(link, said.node);
    if (said.t !== 'config.applied' || said.outcome !== 'applied') continue;
    const node = nodes.get(link) ?? 'unknown';
    applied.set(node, [...(applied.get(node) ?? []), said.version]);
  }
  return applied;
};

export const versionFloor: Invariant = {
  id: 'I6',
  rule: 'the version of the configuration never falls',
  evidence: (history) => history.of('floor').length,
  violations: (history) => {
    const wrong: string[] = [];
    const floors = groupBy(history.of('floor'), ({ place }) => place);
    for (const [place, seen] of floors) {
      wrong.push(
        ...falls(
          `the floor in ${place}`,
          seen.map(({ version }) => version),
        ),
      );
    }
    const last = Math.max(0, ...history.of('floor').map(({ version }) => version));
    for (const [node, versions] of appliedBy(history)) {
      wrong.push(...falls(`the version in force at ${node}`, versions));
      const highest = Math.max(...versions);
      if (highest > last) wrong.push(`version ${highest} was in force above every floor, ${last}`);
    }
    return wrong;
  },
};
