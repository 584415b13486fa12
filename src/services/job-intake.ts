// Offers that have arrived and are not journalled yet. A prompt waits here, not in a statechart.
import type { JobOffer } from '../protocol/messages/jobs.js';
import type { Digest } from '../protocol/primitives.js';

export interface TakenOffer {
  readonly offer: JobOffer;
  /** Digest of the offer's exact body bytes. */
  readonly requestDigest: Digest;
  /** Size of the offer's body. */
  readonly bytes: number;
  readonly session: string;
  readonly receivedMs: number;
  readonly receivedMonotonicMs: number;
}

export interface JobIntake {
  /** An offer that waits already stands: the same attempt offered again, with whatever content, does not replace it. */
  put(offer: TakenOffer): void;
  find(key: { readonly job: string; readonly attempt: number }): TakenOffer | undefined;
  drop(key: { readonly job: string; readonly attempt: number }): void;
}

export const attemptKey = ({ job, attempt }: { readonly job: string; readonly attempt: number }): string =>
  `${job}:${attempt}`;

export const createJobIntake = (): JobIntake => {
  const offers = new Map<string, TakenOffer>();
  return {
    put: (taken) => {
      const key = attemptKey(taken.offer);
      if (!offers.has(key)) offers.set(key, taken);
    },
    find: (key) => offers.get(attemptKey(key)),
    drop: (key) => offers.delete(attemptKey(key)),
  };
};
