// The end of a life: counts arrivals at the step and kills this very process at the one it was told.
import { writeSync } from 'node:fs';
import type { KillOrder, LifeWord } from '../kill-order.js';

export const say = (word: LifeWord): void => void writeSync(1, `${JSON.stringify(word)}\n`);

export interface Death {
  /** The step is reached. */
  arrive(): void;
  /** The node serves: from now on arrivals count, if they did not before. */
  ready(): void;
}

export const createDeath = ({ nth, delayMs, from }: KillOrder): Death => {
  let isArmed = from === 'start';
  let arrivals = 0;
  const die = (): void => {
    say({ word: 'dying' });
    process.kill(process.pid, 'SIGKILL');
  };
  return {
    arrive: () => {
      if (!isArmed || ++arrivals !== nth) return;
      if (delayMs === null) die();
      else setTimeout(die, delayMs);
    },
    ready: () => {
      isArmed = true;
    },
  };
};
