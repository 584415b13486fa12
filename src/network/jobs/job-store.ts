// The tables of the job side, and which of them change together.
import { z } from 'zod';
import { sha256 } from '../../protocol/digest.js';
import { millis, ulid } from '../../protocol/primitives.js';
import type { NetworkStore } from '../store/store.js';
import { type JobRecord, jobOutputRecord, jobRecord, jobRequestRecord } from './job-record.js';

const idempotencyRecord = z.object({ job: ulid, at_ms: millis });
const openMark = z.object({});

export interface JobStore {
  find(job: string): JobRecord | undefined;
  request(job: string): Record<string, unknown> | undefined;
  output(job: string): string | undefined;
  /** Jobs that are not over, oldest first. */
  open(): JobRecord[];
  /** The job an idempotency key gave since `sinceMs`. */
  byKey(namespace: string, key: string, sinceMs: number): string | undefined;
  /** The four below only inside a store transaction. */
  create(job: JobRecord, request: Record<string, unknown>, idempotencyKey: string | undefined): void;
  /** Writes the record; a job that is over leaves the open ones and gives up its request. */
  save(job: JobRecord, output?: string): void;
  forget(job: string, namespace: string, idempotencyKey: string | undefined): void;
  /** Removes jobs that ended before `beforeMs`, at most `limit`. @returns how many went */
  prune(beforeMs: number, limit: number): number;
}

export const createJobStore = (store: NetworkStore): JobStore => {
  const jobs = store.table('jobs', jobRecord);
  const requests = store.table('job_requests', jobRequestRecord);
  const outputs = store.table('job_outputs', jobOutputRecord);
  const open = store.table('jobs_open', openMark);
  const keys = store.table('job_keys', idempotencyRecord);
  return {
    find: (job) => jobs.get(job),
    request: (job) => requests.get(job),
    output: (job) => outputs.get(job)?.output,
    open: () => [...open.range()].flatMap(({ key }) => jobs.get(key) ?? []),
    byKey: (namespace, key, sinceMs) => {
      const known = keys.get(keyOf(namespace, key));
      return known !== undefined && known.at_ms >= sinceMs ? known.job : undefined;
    },
    create: (job, request, idempotencyKey) => {
      jobs.put(job.job, job);
      requests.put(job.job, request);
      open.put(job.job, {});
      if (idempotencyKey === undefined) return;
      keys.put(keyOf(job.namespace, idempotencyKey), { job: job.job, at_ms: job.created_ms });
    },
    save: (job, output) => {
      jobs.put(job.job, job);
      if (output !== undefined) outputs.put(job.job, { output });
      if (job.end === null) return;
      open.remove(job.job);
      requests.remove(job.job);
    },
    forget: (job, namespace, idempotencyKey) => {
      for (const table of [jobs, requests, outputs, open]) table.remove(job);
      if (idempotencyKey !== undefined) keys.remove(keyOf(namespace, idempotencyKey));
    },
    prune: (beforeMs, limit) => {
      const old = [...jobs.range({ limit })].filter(
        ({ value }) => value.finished_ms !== null && value.finished_ms < beforeMs,
      );
      for (const { key } of old) {
        jobs.remove(key);
        outputs.remove(key);
      }
      const stale = [...keys.range()].filter(({ value }) => value.at_ms < beforeMs).slice(0, limit);
      for (const { key } of stale) keys.remove(key);
      return old.length + stale.length;
    },
  };
};

/** Fixed length: a client's key may be longer than a key of the store can be. */
const keyOf = (namespace: string, key: string): string => sha256(namespace, '\0', key).toString('hex');
