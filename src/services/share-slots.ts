// One network's share of the engine's slots: everybody waits in one queue, and each network counts its own.
import type { Slots } from './slots.js';

export const shareSlots = (slots: Slots): Slots => {
  let taken = 0;
  let waiting = 0;
  return {
    acquire: (priority, granted) => {
      let state: 'waiting' | 'held' | 'over' = 'waiting';
      waiting++;
      const giveBack = slots.acquire(priority, () => {
        state = 'held';
        waiting--;
        taken++;
        granted();
      });
      return () => {
        if (state === 'waiting') waiting--;
        if (state === 'held') taken--;
        state = 'over';
        giveBack();
      };
    },
    resize: (total) => slots.resize(total),
    get total() {
      return slots.total;
    },
    get taken() {
      return taken;
    },
    get waiting() {
      return waiting;
    },
    get free() {
      return slots.free;
    },
  };
};
