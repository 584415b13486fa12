// Tells the network why an offer is not taken.
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Attempt } from '../machines/job/job-events.js';
import type { DeclineCode } from '../protocol/codes.js';
import type { JobIntake } from './job-intake.js';
import type { OutboundLane } from './outbound-lane.js';
import type { ServingFigures } from './serving-figures.js';

/** Reasons that pass by themselves: the network may offer again after so many milliseconds. */
const RETRY_AFTER_MS: Partial<Record<DeclineCode, number>> = {
  busy: 1_000,
  over_credit: 1_000,
  journal_failed: 10_000,
};

/** @throws LinkDownError; the offer then lapses at the network by itself */
export const declineJob = (parts: {
  readonly lane: OutboundLane;
  readonly intake: JobIntake;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}) =>
  fromPromise<void, Attempt & { code: DeclineCode; param: string | null }>(async ({ input }) => {
    const { job, attempt, code, param } = input;
    parts.intake.drop(input);
    parts.figures.noteDeclined(code);
    parts.logger.info({ event: 'job.declined', job, attempt, code, param }, 'job declined');
    const retryAfterMs = RETRY_AFTER_MS[code];
    parts.lane.send('job.decline', {
      job,
      attempt,
      code,
      ...(param === null ? {} : { param }),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    });
  });
