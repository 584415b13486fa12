// The real job desk: admits orders, remembers idempotency keys, shows a namespace its own jobs and no others.

import { endOf } from '../jobs/job-course.js';
import type { JobRecord, JobState } from '../jobs/job-record.js';
import type { JobRunner } from '../jobs/job-runner.js';
import type { LiveJob } from '../jobs/live-job.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { Clock } from '../scheduler/timing.js';
import { admit } from './admission.js';
import type { CoreOptions } from './core-options.js';
import type { JobDesk, JobEvent, JobHandle, JobOrder, JobStatus, JobView } from './job-desk.js';

export interface JobDeskDeps {
  readonly runner: JobRunner;
  readonly ledger: Ledger;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly options: Pick<CoreOptions, 'idempotencyMs'>;
  /** A paid order was admitted: what blind jobs take their manners from. */
  readonly onAdmitted: (order: JobOrder) => void;
}

export const createJobDesk = (deps: JobDeskDeps): JobDesk => {
  const { runner, ledger, publisher, clock, options, onAdmitted } = deps;
  /** Orders with a key that are being admitted: a second one waits for the first. */
  const admitting = new Map<string, Promise<LiveJob>>();

  const find = (job: string): JobRecord | undefined => runner.find(job)?.record ?? runner.jobs.find(job);

  const owned = (job: string, namespace: string): JobRecord | undefined => {
    const record = find(job);
    return record?.kind === 'paid' && record.namespace === namespace && record.state !== 'admitting'
      ? record
      : undefined;
  };

  const place = async (order: JobOrder): Promise<LiveJob> => {
    const { maxOutputTokens, atMost } = admit(order.request, publisher.current()?.snapshot);
    const live = await runner.submit({
      ...order,
      kind: 'paid',
      maxOutputTokens,
      reservation: ledger.price(atMost),
    });
    onAdmitted(order);
    return live;
  };

  /** The job this key gave before. */
  const repeated = (order: JobOrder): JobHandle | undefined => {
    if (order.idempotencyKey === undefined) return undefined;
    const job = runner.jobs.byKey(
      order.namespace,
      order.idempotencyKey,
      clock.nowMs() - options.idempotencyMs,
    );
    const record = job === undefined ? undefined : owned(job, order.namespace);
    return record === undefined ? undefined : followHandle(record);
  };

  const cancel = (job: string, reason: string): boolean => runner.cancel(job, reason);

  const handleOf = (live: LiveJob): JobHandle => ({
    job: live.record.job,
    events: live.channel,
    cancel: (reason) => void cancel(live.record.job, reason),
  });

  /** A second handle of a job: its events went to the first one, its end can be read by all. */
  const followHandle = (record: JobRecord): JobHandle => ({
    job: record.job,
    events: endOnly(record),
    cancel: (reason) => void cancel(record.job, reason),
  });

  async function* endOnly({ job, namespace }: JobRecord): AsyncGenerator<JobEvent> {
    const end = (await runner.find(job)?.ended) ?? view(job, namespace)?.end;
    if (end != null) yield end;
  }

  const view = (job: string, namespace: string): JobView | undefined => {
    const record = owned(job, namespace);
    if (record === undefined) return undefined;
    return {
      job,
      status: STATUS[record.state],
      created_ms: record.created_ms,
      finished_ms: record.finished_ms,
      endpoint: record.endpoint,
      model: record.model,
      attempts: record.attempts.length,
      end:
        record.end === null ? null : endOf(record.end, runner.find(job)?.output ?? runner.jobs.output(job)),
    };
  };

  return {
    submit: async (order) => {
      const key = order.idempotencyKey;
      if (key === undefined) return handleOf(await place(order));
      const name = `${order.namespace}\n${key}`;
      const first = admitting.get(name);
      if (first !== undefined) return followHandle((await first).record);
      const known = repeated(order);
      if (known !== undefined) return known;
      const placed = place(order);
      admitting.set(name, placed);
      try {
        return handleOf(await placed);
      } finally {
        admitting.delete(name);
      }
    },
    find: view,
    cancel: (job, namespace) => owned(job, namespace) !== undefined && cancel(job, 'client_cancelled'),
    models: () => {
      const config = publisher.current();
      if (config === undefined) return [];
      return config.snapshot.models
        .filter(({ enabled }) => enabled)
        .map(({ id, tasks, context_tokens }) => ({
          id,
          created_ms: config.snapshot.issued_ms,
          tasks,
          context_tokens,
          nodes: runner.servers(id),
        }));
    },
  };
};

const STATUS: Readonly<Record<JobState, JobStatus>> = {
  admitting: 'queued',
  queued: 'queued',
  offered: 'queued',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
};
