// The newest of many: as many as it has room for, oldest first.

export interface Ring<T> {
  add(one: T): void;
  /** A copy, oldest first. */
  list(): T[];
}

/** @param size at least 1 */
export const createRing = <T>(size: number): Ring<T> => {
  const kept: T[] = [];
  let oldest = 0;
  return {
    add: (one) => {
      if (kept.length < size) {
        kept.push(one);
        return;
      }
      kept[oldest] = one;
      oldest = (oldest + 1) % size;
    },
    list: () => [...kept.slice(oldest), ...kept.slice(0, oldest)],
  };
};
