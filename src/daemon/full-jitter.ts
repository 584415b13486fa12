// Full jitter: a pause drawn evenly from zero to the machine's own bound, the first retry included. Ten thousand nodes
// that lost the same network come back spread out, not in step.
// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

/** @param boundMs upper bound in milliseconds; @param random 0 ≤ x < 1 */
export const fullJitter = (boundMs: number, random: () => number): number => Math.round(boundMs * random());

/** 1 s, 2 s, 4 s … up to the cap. */
export const growingBound = (failures: number, baseMs: number, capMs: number): number =>
  Math.min(baseMs * 2 ** Math.min(failures, 30), capMs);
