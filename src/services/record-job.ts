// Accepting: the attempt is durable in the journal first, then the signed accept leaves.
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { JobRecord } from '../adapters/journal/job-journal.js';
import { JournalDiskFullError, JournalFullError } from '../adapters/journal/journal-errors.js';
import type { Attempt } from '../machines/job/job-events.js';
import type { ConfigInForce } from './config-in-force.js';
import type { Executions } from './executions.js';
import type { JobIntake } from './job-intake.js';
import type { Membership } from './membership.js';
import type { OutboundLane } from './outbound-lane.js';
import type { ServingFigures } from './serving-figures.js';

export interface RecordJobParts {
  readonly intake: JobIntake;
  readonly executions: Executions;
  readonly membership: Membership;
  readonly config: ConfigInForce;
  readonly lane: OutboundLane;
  /** How long an undelivered result is kept; milliseconds. */
  readonly outboxMs: () => number;
  /** Attempts accepted and waiting for a slot. */
  readonly queueLength: () => number;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}

/** @throws JournalError, JournalFullError, JournalDiskFullError when it cannot be made durable: then nothing was accepted; DuplicateAttemptError */
export const recordJob = (parts: RecordJobParts) =>
  fromPromise<void, Attempt>(async ({ input }) => {
    const { intake, executions, membership, config, lane, logger } = parts;
    const taken = intake.find(input);
    if (taken === undefined) throw new Error('an offer vanished before it was recorded');
    const current = config.current();
    if (current === undefined) throw new Error('an offer was validated without a configuration');
    const { offer, requestDigest, session, receivedMs, receivedMonotonicMs } = taken;
    const record: JobRecord = {
      offer,
      request_digest: requestDigest,
      session,
      config: { version: current.snapshot.version, digest: current.digest },
      accepted_ms: receivedMs,
      expires_ms: receivedMs + offer.exec_timeout_ms + parts.outboxMs(),
      state: 'accepted',
      execution: null,
      receipt: null,
      verdict: null,
      concluded_ms: null,
    };
    try {
      await membership.network.get().journal.accept(record);
    } catch (error) {
      if (error instanceof JournalFullError || error instanceof JournalDiskFullError) {
        const { message, details, advice } = error;
        logger.warn({ event: 'journal.full', ...details, advice }, message);
      }
      throw error;
    }
    executions.begin(input, requestDigest, receivedMonotonicMs);
    intake.drop(input);
    parts.figures.noteAccepted();
    logger.info(
      { event: 'job.accepted', ...input, model: offer.model.id, endpoint: offer.endpoint, mode: offer.mode },
      'job accepted',
    );
    // A cut between journal and accept costs the network its offer time-out, and nothing else: welcome sorts it out.
    if (lane.session !== undefined) {
      lane.send('job.accept', { ...input, request_digest: requestDigest, position: parts.queueLength() });
    }
  });
