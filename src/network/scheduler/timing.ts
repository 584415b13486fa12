// Time as the network core sees it: injected, so that a test can move it.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export interface Timers {
  /** Calls back once after `ms`. @returns cancels it */
  set(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemTimers: Timers = {
  set: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
