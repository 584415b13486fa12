// A value that setup finds out once and later services rely on.

export interface Once<T> {
  set(value: T): void;
  /** @throws Error when setup has not come so far: a fault of the composition root */
  get(): T;
  peek(): T | undefined;
}

export const once = <T>(name: string): Once<T> => {
  let held: T | undefined;
  return {
    set: (value) => {
      held = value;
    },
    get: () => {
      if (held === undefined) throw new Error(`${name} is not known yet`);
      return held;
    },
    peek: () => held,
  };
};
