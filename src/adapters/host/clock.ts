// Time as a port: what reads it can be steered by a test.

export interface Clock {
  /** Milliseconds since the Unix epoch; may jump when the host's clock is set. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never runs backwards. For durations and deadlines. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
