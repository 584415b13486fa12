// Several walks of one machine, each with other events held back, read as one: what any of them reached is reached.
import type { Tally, WalkReport } from './walk-machine.js';

const inAll = (lists: readonly (readonly string[])[]): string[] =>
  (lists[0] ?? []).filter((text) => lists.every((list) => list.includes(text)));

const merged = (tallies: readonly Tally[]): Tally => {
  const missing = inAll(tallies.map((tally) => tally.missing));
  const total = tallies[0]?.total ?? 0;
  return { covered: total - missing.length, total, missing };
};

/** Each walk allows pairs of its own: what one of them could not drive, another may have. */
const mergedPairs = (all: readonly WalkReport['pairs'][]): WalkReport['pairs'] => {
  const driven = new Set(all.flatMap((pairs) => pairs.driven));
  const missing = [...new Set(all.flatMap((pairs) => pairs.missing))].filter((pair) => !driven.has(pair));
  return { covered: driven.size, total: driven.size + missing.length, missing, driven: [...driven] };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** @param walks reports of the same machine; at least one */
export const mergeWalks = (walks: readonly WalkReport[]): WalkReport => ({
  machine: walks[0]?.machine ?? '',
  states: merged(walks.map(({ states }) => states)),
  transitions: merged(walks.map(({ transitions }) => transitions)),
  pairs: mergedPairs(walks.map(({ pairs }) => pairs)),
  missing: inAll(walks.map(({ missing }) => missing)),
  map: {
    states: sum(walks.map(({ map }) => map.states)),
    edges: sum(walks.map(({ map }) => map.edges)),
  },
  steps: sum(walks.map(({ steps }) => steps)),
});
