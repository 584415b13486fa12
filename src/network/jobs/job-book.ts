// The jobs in memory and their copies on disk. Memory changes at once, in the order things happen; what depends on a
// change waits for `durable`. A store that fails stops the book: nothing that was not written is ever said.
import type { Logger } from 'pino';
import type { NetworkStore } from '../store/store.js';
import type { JobRecord } from './job-record.js';
import type { JobStore } from './job-store.js';
import { attemptInForce } from './job-transitions.js';
import type { LiveJob } from './live-job.js';

export interface JobBook {
  add(live: LiveJob): void;
  find(job: string): LiveJob | undefined;
  drop(job: string): void;
  /** Jobs with an attempt in force on this node. */
  on(node: string): readonly LiveJob[];
  load(node: string): number;
  all(): Iterable<LiveJob>;
  /** Changes the record and writes it, together with what `also` writes. */
  change(live: LiveJob, record: JobRecord, output?: string, also?: () => void): void;
  /** A write of its own. Resolves once durable, never if the store failed. */
  write(work: () => void): Promise<void>;
  /** Resolves when all writes are on disk or failed. */
  settled(): Promise<void>;
}

export interface JobBookDeps {
  readonly store: NetworkStore;
  readonly jobs: JobStore;
  readonly logger: Logger;
  /** The store failed: the network must stop. Called once. */
  readonly onFailure: (err: unknown) => void;
}

export const createJobBook = ({ store, jobs, logger, onFailure }: JobBookDeps): JobBook => {
  const lives = new Map<string, LiveJob>();
  const byNode = new Map<string, Set<LiveJob>>();
  const writes = new Set<Promise<unknown>>();
  let hasFailed = false;

  const index = (live: LiveJob, before: JobRecord | undefined): void => {
    const was = before === undefined ? undefined : attemptInForce(before)?.node.toLowerCase();
    const is = attemptInForce(live.record)?.node.toLowerCase();
    if (was === is) return;
    if (was !== undefined) byNode.get(was)?.delete(live);
    if (is === undefined) return;
    const set = byNode.get(is) ?? new Set();
    byNode.set(is, set);
    set.add(live);
  };

  const write = (work: () => void): Promise<void> => {
    const written = store.transaction(work);
    writes.add(written);
    return written.then(
      () => {
        writes.delete(written);
      },
      (err: unknown) => {
        writes.delete(written);
        logger.fatal({ event: 'store.failed', err });
        if (!hasFailed) onFailure(err);
        hasFailed = true;
        return new Promise<never>(() => {}); // what waits for this write must not happen
      },
    );
  };

  return {
    add: (live) => {
      lives.set(live.record.job, live);
      index(live, undefined);
    },
    find: (job) => lives.get(job),
    drop: (job) => void lives.delete(job),
    on: (node) => [...(byNode.get(node.toLowerCase()) ?? [])],
    load: (node) => byNode.get(node.toLowerCase())?.size ?? 0,
    all: () => lives.values(),
    change: (live, record, output, also) => {
      const before = live.record;
      live.record = record;
      index(live, before);
      live.unsettled++;
      live.durable = write(() => {
        jobs.save(record, output);
        also?.();
      });
      void live.durable.then(() => {
        live.unsettled--;
      });
    },
    write,
    settled: async () => {
      await Promise.allSettled(writes);
    },
  };
};
