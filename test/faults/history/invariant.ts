// One rule of the network that no fault may break, as a question to a history.
import type { History } from './history.js';

export interface Invariant {
  /** Its number in the design's list of faults, I1 to I13. */
  readonly id: string;
  readonly rule: string;
  /** How many facts it can be judged by; 0: this run shows nothing of it. */
  evidence(history: History): number;
  /** Each in words, with the names needed to find it in the history. */
  violations(history: History): readonly string[];
}

export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};
