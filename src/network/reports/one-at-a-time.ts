// Work on the same thing takes turns; work on different things does not wait for each other.

/** Runs `work` after all earlier work under this key has ended, however it ended. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export const createOneAtATime = (): OneAtATime => {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    const ended = turn.catch(() => undefined);
    last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (last.get(key) === ended) last.delete(key); // nobody waits: the map stays small
    }
  };
};
