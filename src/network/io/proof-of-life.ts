// Asks the far end of a socket for a sign of life, whichever comes first: its pong, or any word of it.
import type { Timers } from '../scheduler/timing.js';

export interface ProofOfLife {
  ask(withinMs: number): Promise<boolean>;
  /** Something was heard, or nothing will be any more. */
  settle(isAlive: boolean): void;
}

export const createProofOfLife = (timers: Timers, ping: () => void): ProofOfLife => {
  const asking = new Set<(isAlive: boolean) => void>();
  return {
    ask: (withinMs) =>
      new Promise((resolve) => {
        const answer = (isAlive: boolean): void => {
          cancel();
          asking.delete(answer);
          resolve(isAlive);
        };
        const cancel = timers.set(withinMs, () => answer(false));
        asking.add(answer);
        ping();
      }),
    settle: (isAlive) => {
      for (const answer of [...asking]) answer(isAlive);
    },
  };
};
