// What a check comes to: one of four outcomes, what was seen, and the next thing to do about it.

export type Outcome = 'ok' | 'warning' | 'failure' | 'skipped';

export interface Finding {
  readonly outcome: Outcome;
  /** What was seen, in one line; of a skipped one, why. Never a secret. */
  readonly evidence: string;
  /** One line; undefined where nothing has to be done. */
  readonly remedy: string | undefined;
}

export const ok = (evidence: string): Finding => ({ outcome: 'ok', evidence, remedy: undefined });
/** The node works, though not as well as it could. */
export const warning = (evidence: string, remedy: string): Finding => ({
  outcome: 'warning',
  evidence,
  remedy,
});
/** The node does not work, or not for long. */
export const failure = (evidence: string, remedy: string): Finding => ({
  outcome: 'failure',
  evidence,
  remedy,
});
export const skipped = (why: string): Finding => ({ outcome: 'skipped', evidence: why, remedy: undefined });

/** Thrown where a check has nothing to look at: it does not fit these settings, or waits for another to pass. */
export class SkipCheck extends Error {
  override readonly name = 'SkipCheck';
}
