// How many jobs a recorded journal takes, so that a test knows what it may have forgotten.

export interface JournalPlan {
  /** One after the other, from 1 on. */
  readonly alone: number;
  /** At once, after those. */
  readonly together: number;
  /** Those with a lower number are forgotten then, for they are acknowledged, or expired; odd. */
  readonly forgottenBelow: number;
  /** One after the other, after that. */
  readonly afterwards: number;
}

/** `short` is for lives that are lived hundreds of times. */
export const PLANS = {
  long: { alone: 30, together: 8, forgottenBelow: 35, afterwards: 4 },
  short: { alone: 2, together: 2, forgottenBelow: 3, afterwards: 1 },
} as const satisfies Record<string, JournalPlan>;

export const jobsOf = ({ alone, together, afterwards }: JournalPlan): number => alone + together + afterwards;
