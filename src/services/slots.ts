// How many attempts the Runtime works on at once. Waiting attempts are served by priority, then by age.

export interface Slots {
  /** Calls `granted` once a slot is free, at the earliest in the next microtask. @returns gives the slot, or the place in the queue, back */
  acquire(priority: number, granted: () => void): () => void;
  resize(total: number): void;
  readonly total: number;
  readonly taken: number;
  readonly waiting: number;
  readonly free: number;
}

interface Waiting {
  readonly priority: number;
  readonly granted: () => void;
}

export const createSlots = (initial: number): Slots => {
  let total = initial;
  let taken = 0;
  const queue: Waiting[] = [];

  const serve = (): void => {
    while (taken < total && queue.length > 0) {
      let best = 0;
      for (let at = 1; at < queue.length; at++) {
        if ((queue[at]?.priority ?? 0) > (queue[best]?.priority ?? 0)) best = at;
      }
      const [next] = queue.splice(best, 1);
      taken++;
      next?.granted();
    }
  };

  return {
    acquire: (priority, granted) => {
      let state: 'waiting' | 'held' | 'over' = 'waiting';
      const entry: Waiting = {
        priority,
        granted: () => {
          state = 'held';
          granted();
        },
      };
      queue.push(entry);
      queueMicrotask(serve);
      return () => {
        if (state === 'waiting') {
          const at = queue.indexOf(entry);
          if (at !== -1) queue.splice(at, 1);
        } else if (state === 'held') {
          taken--;
          queueMicrotask(serve);
        }
        state = 'over';
      };
    },
    resize: (count) => {
      total = count;
      queueMicrotask(serve);
    },
    get total() {
      return total;
    },
    get taken() {
      return taken;
    },
    get waiting() {
      return queue.length;
    },
    get free() {
      return Math.max(0, total - taken);
    },
  };
};
