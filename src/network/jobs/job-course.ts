// The two turns a job can take when an attempt is over: another attempt, or the end. Everything that ends a job comes
// through here, so that money, clients, nodes and timers always hear of it together.

import type { OutcomeCode } from '../../protocol/codes.js';
import type { JobCancel } from '../../protocol/messages/jobs.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { JobEnd } from '../desk/job-desk.js';
import type { NodeGateway } from '../io/node-gateway.js';
import type { Ledger, Settlement } from '../ledger/ledger.js';
import type { Deadlines } from '../scheduler/deadlines.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import type { Clock } from '../scheduler/timing.js';
import type { JobBook } from './job-book.js';
import type { AttemptState, JobEndRecord } from './job-record.js';
import {
  attemptInForce,
  type EndState,
  finishJob,
  isOver,
  returnToQueue,
  triesOf,
} from './job-transitions.js';
import type { LiveJob } from './live-job.js';
import { crashesOf, isSuspect } from './suspect-jobs.js';

/** What a deadline is about; its key is the kind, a space, the job. */
export type DeadlineKind = 'ttl' | 'offer' | 'lease' | 'retry' | 'capacity';
export const deadlineKey = (kind: DeadlineKind, job: string): string => `${kind} ${job}`;

export interface Completion {
  readonly output: string | undefined;
  /** Chunks the client has not been given. */
  readonly tail: readonly string[];
  readonly settlement: Settlement;
}

export interface JobCourse {
  enqueue(live: LiveJob): void;
  complete(live: LiveJob, completion: Completion, also: () => void): void;
  fail(live: LiveJob, failure: Failure, also?: () => void): void;
  /** The attempt in force is over and the job is not: next attempt, if there may be one. */
  retry(live: LiveJob, ended: EndedAttempt, also?: () => void): void;
  /** Tells a node to stop an attempt. */
  stop(node: string, attempt: Pick<JobCancel, 'job' | 'attempt'>, reason: string): void;
}

export interface Failure {
  readonly code: string;
  readonly state?: Exclude<EndState, 'completed'>;
  readonly outcome?: OutcomeCode;
  readonly param?: string | undefined;
  /** Told to a node that is still at work. */
  readonly cancel?: string;
}

export interface EndedAttempt {
  readonly state: AttemptState;
  readonly code: string;
  /** How long to leave this node out. */
  readonly avoidMs: number;
  readonly outcome?: OutcomeCode;
}

export interface JobCourseDeps {
  readonly book: JobBook;
  readonly ledger: Ledger;
  readonly gateway: NodeGateway;
  readonly scheduler: Scheduler;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly options: Pick<CoreOptions, 'maxAttempts' | 'maxCrashes'>;
}

/** With offers that nobody was sent: a record is written whole each time. */
const MOST_ATTEMPTS = 64;

export const createJobCourse = (deps: JobCourseDeps): JobCourse => {
  const { book, ledger, gateway, scheduler, deadlines, clock, options } = deps;

  const clear = (live: LiveJob, kinds: readonly DeadlineKind[]): void => {
    for (const kind of kinds) deadlines.clear(deadlineKey(kind, live.record.job));
  };

  const stop: JobCourse['stop'] = (node, { job, attempt }, reason) => {
    gateway.send(node, 'job.cancel', { job, attempt, reason });
  };

  const enqueue = (live: LiveJob): void => {
    const { job, model, priority, created_ms } = live.record;
    const avoids = (node: string): boolean =>
      (live.avoid.get(node) ?? 0) > clock.nowMs() ||
      (isSuspect(live.record) && book.on(node).some(({ record }) => isSuspect(record)));
    scheduler.enqueue({ job, model, priority, createdMs: created_ms, avoids });
  };

  const finish = (
    live: LiveJob,
    state: EndState,
    end: JobEndRecord,
    rest: { output?: string | undefined; tail?: readonly string[]; also: () => void },
  ): void => {
    const { job } = live.record;
    live.output = rest.output;
    scheduler.remove(job);
    clear(live, ['ttl', 'offer', 'lease', 'retry', 'capacity']);
    book.change(live, finishJob(live.record, state, end, clock.nowMs()), rest.output, rest.also);
    void live.durable.then(() => {
      book.drop(job);
      for (const data of rest.tail ?? []) live.channel.push({ type: 'chunk', data });
      const told = endOf(end, rest.output);
      live.channel.end(told);
      live.conclude(told);
    });
    scheduler.wake();
  };

  const fail: JobCourse['fail'] = (live, failure, also) => {
    if (isOver(live.record)) return;
    const { code, state = 'failed', outcome = null, param = null, cancel } = failure;
    const running = attemptInForce(live.record);
    if (running !== undefined && cancel !== undefined) {
      stop(running.node, { job: live.record.job, attempt: running.attempt }, cancel);
    }
    const end = { type: 'failed', refusal: { code, outcome, param } } as const;
    finish(live, state, end, {
      also: () => {
        if (live.record.kind === 'paid') ledger.releaseNow(live.record.job);
        also?.();
      },
    });
  };

  return {
    enqueue,
    stop,
    fail,
    complete: (live, { output, tail, settlement }, also) => {
      const { usage, receiptDigest } = settlement;
      finish(
        live,
        'completed',
        { type: 'completed', usage, receipt_digest: receiptDigest },
        {
          output,
          tail,
          also: () => {
            if (live.record.kind === 'paid') ledger.settleNow(settlement);
            also();
          },
        },
      );
    },
    retry: (live, { state, code, avoidMs, outcome }, also) => {
      const running = attemptInForce(live.record);
      if (running === undefined) return;
      clear(live, ['offer', 'lease']);
      const queued = returnToQueue(live.record, running.attempt, state, code);
      const because = outcome === undefined ? {} : { outcome };
      live.held = undefined;
      live.gapTold = false;
      live.isRecovered = false;
      if (live.record.mode === 'stream' && live.channel.hasSpoken) {
        // Two attempts are two answers: what the client has read cannot be continued by another one.
        book.change(live, queued, undefined, also);
        return fail(live, { code: 'node_failed', ...because });
      }
      const isWornOut = triesOf(queued) >= options.maxAttempts || queued.attempts.length >= MOST_ATTEMPTS;
      if (isWornOut || crashesOf(queued) >= options.maxCrashes) {
        book.change(live, queued, undefined, also);
        return fail(live, { code: state === 'declined' ? 'no_capacity' : 'node_failed', ...because });
      }
      live.channel.dropChunks();
      live.avoid.set(running.node, clock.nowMs() + avoidMs);
      deadlines.set(deadlineKey('retry', live.record.job), clock.nowMs() + avoidMs);
      book.change(live, queued, undefined, also);
      enqueue(live);
    },
  };
};

/** The end as the desk tells it. */
export const endOf = (end: JobEndRecord, output: string | undefined): JobEnd =>
  end.type === 'failed'
    ? end
    : { type: 'completed', output: output ?? null, usage: end.usage, receiptDigest: end.receipt_digest };
