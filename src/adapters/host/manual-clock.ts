// A clock that moves only when told to.
import type { Clock } from './clock.js';

export class ManualClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes: both readings move. @param byMs not negative */
  advance(byMs: number): void {
    if (byMs < 0)
      throw new RangeError('time does not run backwards; use set for a host clock that was put back');
    this.#nowMs += byMs;
    this.#monotonicMs += byMs;
  }

  /** Somebody sets the host's clock: only the reading of the day jumps. */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }
}
