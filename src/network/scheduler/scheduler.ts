// Brings waiting jobs and willing nodes together. Runs when something changed (a job, a node's word, a session's end,
// a deadline) and otherwise not at all; what it decides, others carry out.
import { type Candidate, canServe, chooseNode, hasCredit, type Wanted } from './choose-node.js';
import { compareQueued, createJobQueue, type QueuedJob } from './job-queue.js';
import type { SpeedBook } from './speed-book.js';
import type { Clock } from './timing.js';

export interface WaitingJob extends QueuedJob {
  /** Whether this node is to be left out for now: it declined or failed this job a moment ago. */
  avoids(node: string): boolean;
}

export interface Scheduler {
  enqueue(job: WaitingJob): void;
  remove(job: string): void;
  /** Something changed: match again. Safe to call from anywhere, also while matching. */
  wake(): void;
  /** Nodes that would serve this model now, busy ones included. */
  servers(model: string): number;
  readonly queued: number;
}

export interface SchedulerDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly rng: () => number;
  readonly speeds: SpeedBook;
  readonly nodes: () => Iterable<Candidate>;
  /** What a node must hold for this model; undefined when the configuration does not list it. */
  readonly wanted: (model: string) => Wanted | undefined;
  /** Takes the job out of the queue and offers it; counts the offer on the candidate at once. */
  readonly assign: (job: string, node: string) => void;
  /** No node serves the job's model since then (ms), or one does again (undefined). */
  readonly stranded: (job: string, sinceMs: number | undefined) => void;
}

export const createScheduler = (deps: SchedulerDeps): Scheduler => {
  const { clock, rng, speeds, nodes, wanted, assign, stranded } = deps;
  const queue = createJobQueue<WaitingJob>();
  const strandedJobs = new Set<string>();
  let matching = false;
  let again = false;

  const serversOf = (model: string): Candidate[] => {
    const want = wanted(model);
    return want === undefined ? [] : [...nodes()].filter((node) => canServe(node, want));
  };

  /** The first job anybody can take now, over all models, and who takes it. */
  const nextMatch = (): { readonly job: WaitingJob; readonly node: Candidate } | undefined => {
    let best: { readonly job: WaitingJob; readonly node: Candidate } | undefined;
    for (const model of queue.models()) {
      const open = serversOf(model).filter(hasCredit);
      if (open.length === 0) continue;
      for (const job of queue.line(model)) {
        if (best !== undefined && compareQueued(best.job, job) < 0) break;
        const willing = open.filter((node) => !job.avoids(node.node));
        const node = chooseNode(willing, (one) => speeds.of(one, model), rng);
        if (node === undefined) continue;
        best = { job, node };
        break;
      }
    }
    return best;
  };

  const watchStranded = (): void => {
    for (const model of queue.models()) {
      const served = serversOf(model).length > 0;
      for (const { job } of queue.line(model)) {
        if (served && strandedJobs.delete(job)) stranded(job, undefined);
        if (served || strandedJobs.has(job)) continue;
        strandedJobs.add(job);
        stranded(job, clock.nowMs());
      }
    }
  };

  const remove = (job: string): void => {
    queue.remove(job);
    strandedJobs.delete(job);
  };

  const wake = (): void => {
    again = true;
    if (matching) return;
    matching = true;
    try {
      while (again) {
        again = false;
        for (let match = nextMatch(); match !== undefined; match = nextMatch()) {
          remove(match.job.job);
          assign(match.job.job, match.node.node);
        }
        watchStranded();
      }
    } finally {
      matching = false;
    }
  };

  return {
    enqueue: (job) => {
      queue.add(job);
      wake();
    },
    remove,
    wake,
    servers: (model) => serversOf(model).length,
    get queued() {
      return queue.size;
    },
  };
};
