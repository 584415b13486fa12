// Puts the job side together: admits jobs, brings back those a stopped network left, and answers deadlines.
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { JobMode } from '../../protocol/job-mode.js';
import { TIMES } from '../../protocol/limits.js';
import type { NetworkId } from '../../protocol/network-id.js';
import type { JobRequest } from '../../protocol/openai/request.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { NodeEvents } from '../io/node-events.js';
import type { NodeGateway } from '../io/node-gateway.js';
import type { NodeSession } from '../io/node-session.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { NodeRegistry } from '../registry/node-registry.js';
import type { Candidate, Wanted } from '../scheduler/choose-node.js';
import { createDeadlines } from '../scheduler/deadlines.js';
import { createScheduler } from '../scheduler/scheduler.js';
import { createSpeedBook } from '../scheduler/speed-book.js';
import type { Clock, Timers } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import { createHearing } from './hear-node.js';
import { createJobBook, type JobBook } from './job-book.js';
import { createJobCourse, type DeadlineKind, deadlineKey } from './job-course.js';
import type { JobRecord, JobState } from './job-record.js';
import { createJobStore, type JobStore } from './job-store.js';
import { admitJob, attemptInForce } from './job-transitions.js';
import { leaseEndMs } from './lease.js';
import { createLiveJob, type LiveJob } from './live-job.js';
import { findModel, makeOffer } from './make-offer.js';
import { createReceiptArchive } from './receipt-archive.js';
import { createReceiptChain } from './receipt-chain.js';
import { createResultReceiver } from './receive-result.js';
import { createStrikes, LEASE_LOST, type Strikes } from './strikes.js';

export interface JobDraft {
  readonly kind: JobRecord['kind'];
  readonly namespace: string;
  readonly request: JobRequest;
  readonly mode: JobMode;
  readonly priority: number;
  readonly ttlMs: number;
  readonly maxOutputTokens: number;
  /** Micro-credits to reserve; a blind job reserves nothing. */
  readonly reservation: bigint;
  readonly idempotencyKey?: string | undefined;
}

export interface JobRunner {
  readonly events: NodeEvents;
  readonly jobs: JobStore;
  readonly strikes: Strikes;
  /** Stores, reserves, queues. @throws InsufficientCreditsError; then nothing is left of the job */
  submit(draft: JobDraft): Promise<LiveJob>;
  find(job: string): LiveJob | undefined;
  /** @returns false when the job is not alive */
  cancel(job: string, reason: string): boolean;
  servers(model: string): number;
  load(node: string): number;
  counts(): Readonly<Partial<Record<JobState, number>>>;
  /** Ends what waits in this process; the jobs stay on disk for the next one. Resolves when nothing writes any more. */
  close(): Promise<void>;
}

export interface JobRunnerDeps {
  readonly store: NetworkStore;
  readonly network: NetworkId;
  readonly registry: NodeRegistry;
  readonly ledger: Ledger;
  readonly publisher: ConfigPublisher;
  readonly gateway: NodeGateway;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: () => number;
  readonly logger: Logger;
  readonly options: CoreOptions;
  readonly onStoreFailure: (err: unknown) => void;
}

const PRUNE_EVERY_MS = 3_600_000;
const PRUNE_AT_ONCE = 1_000;

export const createJobRunner = (deps: JobRunnerDeps): JobRunner => {
  const { store, ledger, publisher, gateway, clock, logger, options } = deps;
  const jobs = createJobStore(store);
  const receipts = createReceiptChain(store);
  const archive = createReceiptArchive(store);
  const speeds = createSpeedBook();
  const strikes = createStrikes(deps);
  const book = createJobBook({ store, jobs, logger, onFailure: deps.onStoreFailure });

  const leaseMs = (): number => leaseInForce(publisher, options);
  const deadlines = createDeadlines({ ...deps, onDue: (key) => onDue(key) });
  const scheduler = createScheduler({
    ...deps,
    speeds,
    nodes: () => candidates(gateway.sessions(), book),
    wanted: (model) => wantedOf(publisher, model, clock.nowMs()),
    assign: (job, node) => {
      const live = book.find(job);
      if (live !== undefined) makeOffer(parts, live, node);
    },
    stranded: (job, sinceMs) => {
      if (sinceMs === undefined) deadlines.clear(deadlineKey('capacity', job));
      else if (book.find(job)?.record.mode !== 'poll')
        deadlines.set(deadlineKey('capacity', job), sinceMs + options.noCapacityMs);
    },
  });
  const course = createJobCourse({ ...deps, book, scheduler, deadlines });

  const leaseEnd = (live: LiveJob): number | undefined => {
    const attempt = attemptInForce(live.record);
    if (attempt === undefined) return undefined;
    const lastSeenMs = gateway.find(attempt.node)?.lastSeenMs;
    const { lastSignMs } = live;
    return leaseEndMs({ attempt, lastSignMs, lastSeenMs, leaseMs: leaseMs(), graceMs: options.leaseGraceMs });
  };
  /** A lease that is armed already stays: when it falls due it is renewed if the node was heard of meanwhile. */
  const armLease = (live: LiveJob): void => {
    const key = deadlineKey('lease', live.record.job);
    const endMs = leaseEnd(live);
    if (endMs !== undefined && !deadlines.has(key)) deadlines.set(key, endMs);
  };

  const parts = {
    ...deps,
    book,
    jobs,
    receipts,
    archive,
    speeds,
    strikes,
    scheduler,
    deadlines,
    course,
    leaseMs,
    armLease,
  };
  const receiveResult = createResultReceiver(parts);

  /** The attempt in force is given up: its node is told, if it listens, and another one gets the job. */
  const lapse = (live: LiveJob, code: string): void => {
    const attempt = attemptInForce(live.record);
    if (attempt === undefined) return;
    if (code === LEASE_LOST && !live.isRecovered) strikes.strike(attempt.node, code);
    course.stop(attempt.node, { job: live.record.job, attempt: attempt.attempt }, 'superseded');
    course.retry(live, { state: 'lost', code, avoidMs: options.failureAvoidMs });
  };

  const due: Record<DeadlineKind, (live: LiveJob) => void> = {
    ttl: (live) => course.fail(live, { code: 'deadline_exceeded', state: 'expired', cancel: 'deadline' }),
    offer: (live) => lapse(live, 'no_answer'),
    lease: (live) => {
      if ((leaseEnd(live) ?? 0) > clock.nowMs()) armLease(live);
      else lapse(live, LEASE_LOST);
    },
    retry: (live) => {
      const later = [...live.avoid.values()].filter((untilMs) => untilMs > clock.nowMs());
      if (later.length > 0) deadlines.set(deadlineKey('retry', live.record.job), Math.min(...later));
      scheduler.wake();
    },
    capacity: (live) => course.fail(live, { code: 'no_capacity' }),
  };

  const prune = (): void => {
    deadlines.set('prune', clock.nowMs() + PRUNE_EVERY_MS);
    void book.write(() => void jobs.prune(clock.nowMs() - options.keepEndedMs, PRUNE_AT_ONCE));
  };

  const onDue = (key: string): void => {
    if (key === 'prune') prune();
    const [kind = '', job = ''] = key.split(' ');
    const live = book.find(job);
    if (live !== undefined && Object.hasOwn(due, kind)) due[kind as DeadlineKind](live);
  };

  const start = (live: LiveJob): void => {
    book.add(live);
    deadlines.set(deadlineKey('ttl', live.record.job), live.record.expires_ms);
  };

  /** Jobs a stopped network left: queued ones go on, offered and accepted ones wait for their node. */
  const recover = (): void => {
    for (const record of jobs.open()) {
      const request = jobs.request(record.job);
      if (record.state === 'admitting' || request === undefined) {
        void book.write(() => {
          if (record.kind === 'paid') ledger.releaseNow(record.job);
          jobs.forget(record.job, record.namespace, undefined);
        });
        continue;
      }
      const live = createLiveJob(record, request, clock.nowMs());
      live.isRecovered = true;
      start(live);
      if (attemptInForce(record) === undefined) course.enqueue(live);
      else armLease(live);
    }
  };

  recover();
  deadlines.set('prune', clock.nowMs() + PRUNE_EVERY_MS);

  return {
    jobs,
    strikes,
    events: { ...createHearing(parts), result: receiveResult },
    submit: async (draft) => {
      const record = recordOf(draft, clock.nowMs());
      const { job, namespace } = record;
      const request = draft.request.body;
      await store.transaction(() => jobs.create(record, { ...request }, draft.idempotencyKey));
      if (draft.kind === 'paid') {
        try {
          await ledger.reserve(job, namespace, draft.reservation);
        } catch (caught) {
          await store.transaction(() => jobs.forget(job, namespace, draft.idempotencyKey));
          throw caught;
        }
      }
      const admitted = admitJob(record);
      await store.transaction(() => jobs.save(admitted));
      const live = createLiveJob(admitted, { ...request }, clock.nowMs());
      start(live);
      course.enqueue(live);
      return live;
    },
    find: (job) => book.find(job),
    cancel: (job, reason) => {
      const live = book.find(job);
      if (live === undefined || live.record.end !== null) return false;
      course.fail(live, { code: 'cancelled', state: 'cancelled', cancel: reason });
      return true;
    },
    servers: (model) => scheduler.servers(model),
    load: (node) => book.load(node),
    counts: () => {
      const counts: Partial<Record<JobState, number>> = {};
      for (const { record } of book.all()) counts[record.state] = (counts[record.state] ?? 0) + 1;
      return counts;
    },
    close: async () => {
      deadlines.close();
      for (const { channel } of book.all()) {
        channel.end({ type: 'failed', refusal: { code: 'shutting_down', outcome: null, param: null } });
      }
      await book.settled();
      await strikes.settled();
    },
  };
};

const recordOf = (draft: JobDraft, nowMs: number): JobRecord => ({
  job: ulid(nowMs),
  kind: draft.kind,
  namespace: draft.namespace,
  endpoint: draft.request.endpoint,
  model: draft.request.body.model,
  mode: draft.mode,
  priority: draft.priority,
  max_output_tokens: draft.maxOutputTokens,
  created_ms: nowMs,
  expires_ms: nowMs + draft.ttlMs,
  state: 'admitting',
  attempts: [],
  finished_ms: null,
  end: null,
});

/** Silence allowed: as configured, and never less than two heartbeats. */
export const leaseInForce = (publisher: ConfigPublisher, options: Pick<CoreOptions, 'leaseMs'>): number =>
  Math.max(options.leaseMs, 2 * (publisher.current()?.snapshot.ttl.heartbeat_ms ?? TIMES.heartbeatMs));

const wantedOf = (publisher: ConfigPublisher, model: string, nowMs: number): Wanted | undefined => {
  const config = publisher.current();
  const entry = findModel(config, model);
  if (config === undefined || entry === undefined || config.snapshot.expires_ms <= nowMs) return undefined;
  return { model, modelDigest: entry.digest, configDigest: config.digest };
};

function* candidates(
  sessions: Iterable<Pick<NodeSession, 'presence' | 'offersSent'>>,
  book: JobBook,
): Generator<Candidate> {
  for (const { presence, offersSent } of sessions) {
    yield {
      ...presence,
      offersSent,
      slotsTotal: presence.slots?.total ?? null,
      inflight: book.load(presence.node),
    };
  }
}
