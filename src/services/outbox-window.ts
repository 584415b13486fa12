// When a result may be sent. A new one at once; those that missed a session oldest first, a few in flight at a time, and
// the next only when the one before has left the socket's queue: a long outbox delays live work by one result at most.
// New results take no place in the window: it would cap live work at its size per round trip.

/** Late results sent and not acknowledged: protocol.md 1.5. */
const WINDOW = 4;

export interface OutboxWindow {
  /**
   * @param granted called once the result may go: at once for a new one, else in a later turn of the event loop
   * @returns gives the place, or the turn, back: acknowledged, given up, or the session is over
   */
  enter(result: { readonly acceptedMs: number; readonly isLate: boolean }, granted: () => void): () => void;
  /** Late results sent and not acknowledged. */
  readonly inFlight: number;
  readonly waiting: number;
}

interface Waiting {
  readonly acceptedMs: number;
  readonly grant: () => void;
}

/** @param whenClear calls back in a later turn, once what has been sent is on its way */
export const createOutboxWindow = (whenClear: (then: () => void) => void): OutboxWindow => {
  const queue: Waiting[] = [];
  let inFlight = 0;
  let isDue = false;

  const arm = (): void => {
    if (isDue || inFlight >= WINDOW || queue.length === 0) return;
    isDue = true;
    whenClear(serve);
  };

  const serve = (): void => {
    isDue = false;
    if (inFlight < WINDOW) queue.shift()?.grant();
    arm();
  };

  /** Behind all that are as old: most arrive in order, and find their place at the end. */
  const insert = (entry: Waiting): void => {
    const before = queue.findLastIndex(({ acceptedMs }) => acceptedMs <= entry.acceptedMs);
    queue.splice(before + 1, 0, entry);
  };

  return {
    enter: ({ acceptedMs, isLate }, granted) => {
      if (!isLate) {
        granted();
        return () => {};
      }
      let state: 'waiting' | 'sent' | 'over' = 'waiting';
      const entry: Waiting = {
        acceptedMs,
        grant: () => {
          state = 'sent';
          inFlight++;
          granted();
        },
      };
      insert(entry);
      arm();
      return () => {
        if (state === 'waiting') queue.splice(queue.indexOf(entry), 1);
        if (state === 'sent') inFlight--;
        state = 'over';
        arm();
      };
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return queue.length;
    },
  };
};
