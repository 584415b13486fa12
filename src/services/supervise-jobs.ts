// Keeps one actor per attempt, from offer to acknowledgement, and the credits the network may spend. The actors share
// the node's system and inspector but are not its `children`: with hundreds of live jobs that is five times cheaper.

import type { Logger } from 'pino';
import { type AnyActorRef, createActor, fromCallback } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { JobRecord } from '../adapters/journal/job-journal.js';
import type { Attempt, JobInput, JobResumption } from '../machines/job/job-events.js';
import type { jobMachine } from '../machines/job-machine.js';
import type { JobsOrder, NodeEvent } from '../machines/node/node-events.js';
import type { Executions } from './executions.js';
import type { JobBoard } from './job-board.js';
import type { JobIntake } from './job-intake.js';
import type { Membership } from './membership.js';
import type { NetworkTime } from './network-time.js';
import type { OutboundLane } from './outbound-lane.js';
import type { ServingFigures } from './serving-figures.js';
import { tendJournal } from './tend-journal.js';
import { watchJournalDisk } from './watch-journal-disk.js';

export interface SuperviseJobsParts {
  /** With its services provided. */
  readonly job: typeof jobMachine;
  readonly membership: Membership;
  readonly intake: JobIntake;
  readonly executions: Executions;
  readonly board: JobBoard;
  readonly lane: OutboundLane;
  /** How long an undelivered result is kept; milliseconds. */
  readonly outboxMs: () => number;
  /** Longest execution the configuration allows, whatever an offer says; milliseconds. */
  readonly execTimeoutMs: () => number;
  readonly clock: Clock;
  readonly time: NetworkTime;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}

/** Runs for as long as the node operates. */
export const superviseJobs = (parts: SuperviseJobsParts) =>
  fromCallback<JobsOrder, undefined>(({ sendBack, receive, self }) => {
    const { membership, intake, executions, board, lane, clock, logger } = parts;
    const report: (event: NodeEvent) => void = sendBack;
    const { journal } = membership.network.get();

    const end = (slot: string): void => {
      const attempt = board.leave(slot);
      if (attempt === undefined) return;
      intake.drop(attempt);
      executions.end(attempt);
    };

    const begin = (input: JobInput): void => {
      const slot = board.freeSlot();
      const actor = createActor(parts.job, { id: slot, input, parent: self as AnyActorRef });
      board.enter(slot, input, actor);
      actor.subscribe({
        next: (snapshot) => {
          if (board.note(slot, snapshot.value)) report({ type: 'jobs.changed', load: board.load() });
        },
        error: (error) => {
          logger.error(
            { event: 'job.crashed', job: input.job, attempt: input.attempt, err: error },
            'a job actor failed',
          );
          end(slot);
          report({ type: 'jobs.changed', load: board.load() });
        },
      });
      actor.start();
      board.announceCapacity();
    };

    const resume = (record: JobRecord): void => {
      const { offer, state } = record;
      logger.info(
        { event: 'job.resumed', job: offer.job, attempt: offer.attempt, state },
        'job taken up from the journal',
      );
      begin({
        ...inputOf(offer, state === 'accepted' ? 'unfinished' : 'finished'),
        acceptedMs: record.accepted_ms,
        deadlineMs: clock.monotonicMs(),
        outboxUntilMs: record.expires_ms,
      });
    };

    /** Delivered twice: answered from memory, never run again. */
    const answerRepeated = (key: Attempt, record: JobRecord | undefined): void => {
      logger.info({ event: 'job.repeated', ...key, state: record?.state }, 'the same offer again');
      const isAlive = board.find(key) !== undefined;
      // Without a record it is on its way into the journal, and needs what is in the intake.
      if (record !== undefined) intake.drop(key);
      if (lane.session !== undefined && record !== undefined) {
        if (!isAlive || record.state === 'acknowledged') {
          parts.figures.noteDeclined('duplicate');
          lane.send('job.decline', { ...key, code: 'duplicate' });
        } else if (record.state === 'accepted') {
          lane.send('job.accept', { ...key, request_digest: record.request_digest, position: 0 });
        } // else its result is the answer
      }
      board.announceCapacity();
    };

    const take = (key: Attempt): void => {
      const taken = intake.find(key);
      if (taken === undefined) return;
      board.countOffer();
      const record = journal.find(key);
      if (board.find(key) !== undefined || record !== undefined) {
        answerRepeated(key, record);
        return;
      }
      const { offer, receivedMs, receivedMonotonicMs } = taken;
      const execTimeoutMs = Math.min(offer.exec_timeout_ms, parts.execTimeoutMs());
      const leftMs = Math.min(offer.ttl_left_ms, execTimeoutMs);
      begin({
        ...inputOf(offer, 'new'),
        acceptedMs: receivedMs,
        deadlineMs: receivedMonotonicMs + leftMs,
        outboxUntilMs: receivedMs + execTimeoutMs + parts.outboxMs(),
      });
    };

    /** What the job actors tell their parent: that they ended, and that the network keeps silent. */
    const hear = (event: { readonly type: string; readonly actorId?: string }): void => {
      if (event.type === 'link.suspected') report({ type: 'link.suspected' });
      else if (event.actorId !== undefined) end(event.actorId);
    };

    receive((order) => {
      switch (order.type) {
        case 'job.offered':
          take(order);
          break;
        case 'job.cancelled':
          board.find(order)?.send({ type: 'job.cancelled', reason: order.reason });
          break;
        case 'result.acknowledged':
          board.find(order)?.send({ type: 'result.acknowledged', verdict: order.verdict });
          break;
        case 'link.opened':
          board.openSession();
          board.sendAll({ type: 'link.opened' });
          break;
        case 'link.lost':
          board.sendAll({ type: 'link.lost' });
          break;
        case 'models.changed':
          board.models = order.models;
          board.announceCapacity();
          break;
        case 'jobs.drain':
          board.isAdmitting = false;
          break;
        case 'jobs.admit':
          board.isAdmitting = true;
          board.announceCapacity();
          break;
        case 'jobs.interrupt':
          board.sendAll({ type: 'job.interrupted', reason: order.reason });
          break;
        default:
          hear(order as { readonly type: string; readonly actorId?: string });
      }
    });

    board.hasRoom = () => journal.hasRoom;
    for (const record of journal.pending()) resume(record);
    const leaveJournal = tendJournal({ journal, time: parts.time, figures: parts.figures, logger });
    const leaveDisk = watchJournalDisk({ journal, onChange: () => board.announceCapacity(), logger });
    return () => {
      leaveJournal();
      leaveDisk();
      board.stopAll();
    };
  });

const inputOf = (
  offer: JobRecord['offer'],
  resumption: JobResumption,
): Omit<JobInput, 'acceptedMs' | 'deadlineMs' | 'outboxUntilMs'> => ({
  job: offer.job,
  attempt: offer.attempt,
  resumption,
  model: offer.model.id,
  endpoint: offer.endpoint,
  streamed: offer.mode === 'stream',
});
