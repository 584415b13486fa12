// What a node's words mean for jobs: accept, decline, deltas, what a new session still holds, what a parting one gives
// back. Results have a file of their own.
import type { Logger } from 'pino';
import type { DeclineCode } from '../../protocol/codes.js';
import { LIMITS } from '../../protocol/limits.js';
import type { JobDelta } from '../../protocol/messages/jobs.js';
import type { AttemptRef, Hello, Welcome } from '../../protocol/messages/session.js';
import { sameAddress } from '../../protocol/signature.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { NodeEvents } from '../io/node-events.js';
import type { NodeGateway } from '../io/node-gateway.js';
import type { Deadlines } from '../scheduler/deadlines.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import type { Clock } from '../scheduler/timing.js';
import type { JobBook } from './job-book.js';
import { deadlineKey, type JobCourse } from './job-course.js';
import type { AttemptRecord } from './job-record.js';
import type { JobStore } from './job-store.js';
import { acceptAttempt, attemptInForce, findAttempt } from './job-transitions.js';
import type { LiveJob } from './live-job.js';
import type { Strikes } from './strikes.js';

export interface HearDeps {
  readonly book: JobBook;
  readonly jobs: JobStore;
  readonly course: JobCourse;
  readonly strikes: Strikes;
  readonly gateway: NodeGateway;
  readonly scheduler: Scheduler;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly options: CoreOptions;
  readonly logger: Logger;
  /** Arms the lease of a job's attempt in force, if it is not armed. */
  readonly armLease: (live: LiveJob) => void;
}

/** Longest list a hello may carry: one that is full may have left something out. */
const FULL_LIST = 1000;

/** Declines that the request itself caused: another node would decline as well. */
const CLIENT_FAULTS: Partial<Record<DeclineCode, string>> = {
  context_too_long: 'context_length_exceeded',
  input_too_large: 'invalid_request',
  unsupported_parameter: 'invalid_request',
};
const BUSY: ReadonlySet<DeclineCode> = new Set<DeclineCode>(['busy', 'over_credit']);
/** A node's wish to be left alone is honoured up to here. */
const MAX_RETRY_AFTER_MS = 60_000;

export const createHearing = (deps: HearDeps): Omit<NodeEvents, 'result'> => {
  const { book, jobs, course, strikes, gateway, scheduler, deadlines, clock, options, armLease } = deps;

  const inForce = (node: string, ref: AttemptRef): { live: LiveJob; attempt: AttemptRecord } | undefined => {
    const live = book.find(ref.job);
    const attempt = live === undefined ? undefined : attemptInForce(live.record);
    if (live === undefined || attempt?.attempt !== ref.attempt || !sameAddress(attempt.node, node)) {
      return undefined;
    }
    return { live, attempt };
  };

  const markAccepted = (live: LiveJob, attempt: AttemptRecord): void => {
    live.lastSignMs = clock.nowMs();
    if (attempt.state === 'offered') {
      book.change(live, acceptAttempt(live.record, attempt.attempt, clock.nowMs()));
      deadlines.clear(deadlineKey('offer', live.record.job));
    }
    if (!live.hasStarted) live.channel.push({ type: 'started' });
    live.hasStarted = true;
    armLease(live);
  };

  const isSettled = (ref: Hello['outbox'][number]): boolean => {
    const live = book.find(ref.job);
    if (live !== undefined && live.unsettled > 0) return false;
    const record = live?.record ?? jobs.find(ref.job);
    const known = record === undefined ? undefined : findAttempt(record, ref.attempt)?.result;
    return known?.receipt_digest === ref.receipt_digest;
  };

  const takeChunks = (node: string, item: JobDelta['batch'][number], seq: number): void => {
    const found = inForce(node, item);
    if (found === undefined || found.live.held === undefined) return; // a concluded attempt: late words are ignored
    const { live, attempt } = found;
    markAccepted(live, attempt);
    const held = live.held;
    if (held === undefined) return;
    const taken = held.take(item.i, item.chunks);
    if (taken.kind === 'gap') {
      if (live.gapTold) return;
      live.gapTold = true;
      const text = `chunk ${taken.expected} was due for job ${item.job}, ${item.i} came; send all chunks with the result`;
      gateway.send(node, 'error', { code: 'delta_gap', text, about: seq, fatal: false });
      return;
    }
    if (taken.kind === 'fork') {
      strikes.strike(node, 'chain_mismatch');
      course.stop(node, item, 'superseded');
      course.retry(live, { state: 'failed', code: 'chain_mismatch', avoidMs: options.failureAvoidMs });
      return;
    }
    if (held.bytes > LIMITS.resultBytes) {
      course.fail(live, { code: 'node_failed', cancel: 'too_large' });
      return;
    }
    for (const data of taken.chunks) live.channel.push({ type: 'chunk', data });
    if (live.channel.unreadBytes <= options.clientBufferBytes) return;
    live.channel.dropChunks();
    course.fail(live, { code: 'slow_client', cancel: 'client_gone' });
  };

  return {
    opened: (node, hello) => {
      strikes.seen(node);
      const names = ({ job, attempt }: AttemptRef): string => `${job} ${attempt}`;
      const running = new Set(hello.running.map(names));
      const finished = new Set(hello.outbox.map(names));
      const isComplete = hello.running.length < FULL_LIST && hello.outbox.length < FULL_LIST;
      const resume: Welcome['resume'] = [];
      for (const live of book.on(node)) {
        const attempt = attemptInForce(live.record);
        if (attempt === undefined) continue;
        const name = names({ job: live.record.job, attempt: attempt.attempt });
        live.isRecovered = false;
        if (running.has(name) || finished.has(name)) markAccepted(live, attempt);
        else if (isComplete) course.retry(live, { state: 'lost', code: 'forgotten', avoidMs: 0 });
        if (!running.has(name) || live.held === undefined) continue;
        live.gapTold = false;
        resume.push({
          job: live.record.job,
          attempt: attempt.attempt,
          i: live.held.length,
          head: live.held.head,
        });
      }
      return {
        stop: hello.running.filter((ref) => inForce(node, ref) === undefined),
        have: hello.outbox.filter(isSettled),
        resume,
      };
    },
    closed: (node) => {
      strikes.seen(node);
      for (const live of book.on(node)) {
        if (attemptInForce(live.record)?.state !== 'accepted') continue; // an offer has its own deadline
        live.lastSignMs = clock.nowMs();
        armLease(live);
      }
      scheduler.wake();
    },
    heard: () => scheduler.wake(),
    accepted: (node, accept) => {
      const found = inForce(node, accept);
      if (found === undefined) return course.stop(node, accept, 'superseded');
      const { live, attempt } = found;
      if (accept.request_digest === attempt.request_digest) return markAccepted(live, attempt);
      strikes.strike(node, 'digest_mismatch');
      course.stop(node, accept, 'superseded');
      course.retry(live, { state: 'failed', code: 'digest_mismatch', avoidMs: options.failureAvoidMs });
    },
    declined: (node, { job, attempt, code, param, retry_after_ms }) => {
      const found = inForce(node, { job, attempt });
      if (found === undefined) return;
      const ends = CLIENT_FAULTS[code];
      const shortMs = BUSY.has(code) ? options.busyAvoidMs : options.declineAvoidMs;
      const avoidMs = Math.max(shortMs, Math.min(retry_after_ms ?? 0, MAX_RETRY_AFTER_MS));
      if (ends === undefined) return course.retry(found.live, { state: 'declined', code, avoidMs });
      course.fail(found.live, { code: ends, param });
    },
    delta: (node, { batch }, seq) => {
      for (const item of batch) takeChunks(node, item, seq);
    },
    goodbye: (node, { jobs: handedBack }) => {
      for (const ref of handedBack) {
        const found = inForce(node, ref);
        if (found === undefined) continue;
        const { live } = found;
        course.retry(live, { state: 'lost', code: 'handed_back', avoidMs: options.failureAvoidMs });
      }
    },
  };
};
