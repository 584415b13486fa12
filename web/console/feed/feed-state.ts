// All the page knows of the node, and how each message of the feed changes it. Bounded: a page may stay open for months.
import type {
  FeedHello,
  FeedMessage,
  JobTimeline,
  LogEntry,
  Sample,
} from '../../../src/console/feed/feed-messages.js';
import type { FeedRecord, LivingActor } from '../../../src/console/feed/feed-records.js';
import type { NodeStatus } from '../../../src/console/node-view.js';

export interface FeedState {
  /** Which hello this began with: a new one is a new story, of another process perhaps. */
  readonly session: number;
  readonly agentVersion: string;
  /** Names of the statecharts under `/charts/`. */
  readonly machines: readonly string[];
  readonly inspector: boolean;
  /** Those who lived when the page came; later ones are in the records. */
  readonly actors: readonly LivingActor[];
  readonly status: NodeStatus;
  /** Oldest first, as are all below. */
  readonly records: readonly FeedRecord[];
  /** Records this page missed for being slow. */
  readonly dropped: number;
  readonly samples: readonly Sample[];
  readonly jobs: readonly JobTimeline[];
  readonly logs: readonly LogEntry[];
}

/** A quarter of an hour, a sample a second. */
const SAMPLES = 900;
const RECORDS = 5_000;
const JOBS = 500;
const LOGS = 2_000;

const last = <T>(list: readonly T[], count: number): readonly T[] =>
  list.length <= count ? list : list.slice(-count);

/** Tells attempts apart: a job may come again, and from another network. */
export const jobKey = ({ network, job, attempt }: Pick<JobTimeline, 'network' | 'job' | 'attempt'>): string =>
  `${network ?? ''} ${job} ${attempt}`;

const withJobs = (known: readonly JobTimeline[], changed: readonly JobTimeline[]): readonly JobTimeline[] => {
  const byKey = new Map(known.map((job) => [jobKey(job), job]));
  for (const job of changed) byKey.set(jobKey(job), job);
  return last([...byKey.values()], JOBS);
};

const begun = (hello: FeedHello, session: number): FeedState => ({
  session,
  agentVersion: hello.agentVersion,
  machines: hello.machines,
  inspector: hello.inspector,
  actors: hello.actors,
  status: hello.status,
  records: last(hello.records, RECORDS),
  dropped: 0,
  samples: last(hello.samples, SAMPLES),
  jobs: withJobs([], hello.jobs),
  logs: last(hello.logs, LOGS),
});

/** @param state null before the first hello; anything else before it changes nothing */
export const reduceFeed = (state: FeedState | null, message: FeedMessage): FeedState | null => {
  if (message.type === 'hello') return begun(message, (state?.session ?? 0) + 1);
  if (state === null) return null;
  switch (message.type) {
    case 'records':
      return {
        ...state,
        records: last([...state.records, ...message.records], RECORDS),
        dropped: state.dropped + message.dropped,
      };
    case 'status':
      return { ...state, status: message.status };
    case 'sample':
      return { ...state, samples: last([...state.samples, message.sample], SAMPLES) };
    case 'jobs':
      return { ...state, jobs: withJobs(state.jobs, message.jobs) };
    case 'logs':
      return { ...state, logs: last([...state.logs, ...message.logs], LOGS) };
  }
};
