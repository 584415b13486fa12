// Jobs waiting for a node: one line per model, higher priority first, then the older job.

export interface QueuedJob {
  readonly job: string;
  readonly model: string;
  readonly priority: number;
  readonly createdMs: number;
}

export interface JobQueue<J extends QueuedJob> {
  add(job: J): void;
  remove(job: string): J | undefined;
  has(job: string): boolean;
  models(): IterableIterator<string>;
  line(model: string): readonly J[];
  readonly size: number;
}

/** Negative when `one` goes first. ULIDs break ties of jobs made in the same millisecond. */
export const compareQueued = (one: QueuedJob, other: QueuedJob): number =>
  other.priority - one.priority || one.createdMs - other.createdMs || (one.job < other.job ? -1 : 1);

export const createJobQueue = <J extends QueuedJob>(): JobQueue<J> => {
  const lines = new Map<string, J[]>();
  const jobs = new Map<string, J>();
  return {
    add: (job) => {
      if (jobs.has(job.job)) return;
      jobs.set(job.job, job);
      const line = lines.get(job.model) ?? [];
      lines.set(job.model, line);
      line.splice(placeOf(line, job), 0, job);
    },
    remove: (id) => {
      const job = jobs.get(id);
      const line = job === undefined ? undefined : lines.get(job.model);
      if (job === undefined || line === undefined) return undefined;
      jobs.delete(id);
      line.splice(line.indexOf(job), 1);
      if (line.length === 0) lines.delete(job.model);
      return job;
    },
    has: (id) => jobs.has(id),
    models: () => lines.keys(),
    line: (model) => lines.get(model) ?? [],
    get size() {
      return jobs.size;
    },
  };
};

const placeOf = (line: readonly QueuedJob[], job: QueuedJob): number => {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = line[middle];
    if (there !== undefined && compareQueued(there, job) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
