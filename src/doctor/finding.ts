// What a check comes to: one of four outcomes, what was seen, and the next thing to do about it.
import { NodeError } from '../errors.js';

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

/** What an error that ended a check says. */
export const findingOf = (caught: unknown): Finding => {
  if (caught instanceof SkipCheck) return skipped(caught.message);
  if (caught instanceof NodeError) {
    return failure(caught.message, caught.advice ?? 'Look at the log of the node.');
  }
  const words = caught instanceof Error ? caught.message : String(caught);
  return failure(`this could not be looked at: ${words}`, 'Report this as a fault of the doctor.');
};

const BY_WEIGHT: readonly Finding['outcome'][] = ['failure', 'warning', 'ok', 'skipped'];

/** One finding for several things looked at alike: as bad as the worst, with the evidence of all. */
export const worstOf = (findings: readonly Finding[]): Finding => {
  const [worst, ...more] = [...findings].sort(
    (one, other) => BY_WEIGHT.indexOf(one.outcome) - BY_WEIGHT.indexOf(other.outcome),
  );
  if (worst === undefined) return skipped('nothing to look at');
  return { ...worst, evidence: [worst, ...more].map(({ evidence }) => evidence).join('; ') };
};
