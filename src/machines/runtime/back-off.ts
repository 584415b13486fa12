// How long to wait before something that failed is tried again.

const STEPS_MS = [0, 5_000, 15_000, 60_000, 300_000] as const;

/** The longest pause between two tries; milliseconds. */
export const LONGEST_PAUSE_MS = 300_000;

/** @param failures in a row so far, at least one; @returns milliseconds, without jitter */
export const backoffMs = (failures: number): number =>
  STEPS_MS[Math.max(0, failures - 1)] ?? LONGEST_PAUSE_MS;
