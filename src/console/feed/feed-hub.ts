// Tells every viewer of the console what happens, in batches. The node never waits for one: who does not keep up is passed
// over, and told later how much that was.
import type { NodeStatus } from '../node-view.js';
import type { FeedHello, FeedMessage, JobTimeline, LogEntry, Sample } from './feed-messages.js';
import type { FeedRecord } from './feed-records.js';

/** One who watches. */
export interface Viewer {
  /** Handed over and not yet sent. */
  readonly bufferedBytes: number;
  send(text: string): void;
}

/** @returns how to stop listening */
type Follow<T> = (listener: (news: T) => void) => () => void;

export interface FeedSources {
  hello(): Omit<FeedHello, 'type' | 'schemaVersion'>;
  status(): NodeStatus;
  jobs(): JobTimeline[];
  /** Whenever the status may have changed. */
  readonly onStatus: Follow<void>;
  readonly onRecord: Follow<FeedRecord>;
  readonly onSample: Follow<Sample>;
  readonly onJob: Follow<JobTimeline>;
  readonly onLog: Follow<LogEntry>;
}

export interface FeedHub {
  /** @returns how to leave; undefined: there are as many viewers as may be */
  join(viewer: Viewer): (() => void) | undefined;
  /** There are as many viewers as may be. */
  readonly isFull: boolean;
  close(): void;
}

const MOST_VIEWERS = 8;
const BATCH_MS = 50;
/** A status is much to work out: so often at most. */
const STATUS_MS = 250;
/** A viewer that has so much before it is passed over. */
const SLOW_BYTES = 1_000_000;
/** News of one batch; more have not been seen by anybody, and are counted as missed. */
const BATCH_MOST = 2_000;

interface Watching {
  readonly viewer: Viewer;
  /** Records it has missed since it was last told of any. */
  dropped: number;
  /** It has missed what is no record: once it keeps up again it is told how things stand. */
  isBehind: boolean;
}

export const createFeedHub = (sources: FeedSources, nowMs: () => number): FeedHub => {
  const watching = new Set<Watching>();
  let records: FeedRecord[] = [];
  let samples: Sample[] = [];
  let logs: LogEntry[] = [];
  /** By attempt: only its latest form is worth telling. */
  const jobs = new Map<string, JobTimeline>();
  let toldStatus = '';
  let toldStatusMs = Number.NEGATIVE_INFINITY;
  let isStatusDue = false;
  let batch: NodeJS.Timeout | undefined;
  let leave: readonly (() => void)[] = [];

  const forgetNews = (): void => {
    records = [];
    samples = [];
    logs = [];
    jobs.clear();
  };

  const soon = (): void => {
    batch ??= setTimeout(tell, BATCH_MS);
  };

  const follow = (): void => {
    leave = [
      sources.onRecord((record) => {
        records.push(record);
        if (records.length > BATCH_MOST) {
          records.shift();
          for (const one of watching) one.dropped++;
        }
        soon();
      }),
      sources.onSample((one) => {
        samples.push(one);
        isStatusDue = true;
        soon();
      }),
      sources.onLog((entry) => {
        logs.push(entry);
        if (logs.length > BATCH_MOST) logs.shift();
        soon();
      }),
      sources.onJob((job) => {
        jobs.set(`${job.network} ${job.job} ${job.attempt}`, job);
        soon();
      }),
      sources.onStatus(() => {
        isStatusDue = true;
        soon();
      }),
    ];
  };

  const stop = (): void => {
    for (const one of leave) one();
    leave = [];
    clearTimeout(batch);
    batch = undefined;
    forgetNews();
  };

  /** @returns the status if it is time for it and it is another than the last; else undefined */
  const freshStatus = (): string | undefined => {
    if (!isStatusDue) return undefined;
    if (nowMs() - toldStatusMs < STATUS_MS) {
      soon();
      return undefined;
    }
    isStatusDue = false;
    toldStatusMs = nowMs();
    const status = messageOf({ type: 'status', status: sources.status() });
    if (status === toldStatus) return undefined;
    toldStatus = status;
    return status;
  };

  const tell = (): void => {
    batch = undefined;
    // Written once for all, and not at all where nobody keeps up.
    let told: string | undefined;
    const news = [
      freshStatus(),
      jobs.size > 0 ? messageOf({ type: 'jobs', jobs: [...jobs.values()] }) : undefined,
      logs.length > 0 ? messageOf({ type: 'logs', logs }) : undefined,
      ...samples.map((sample) => messageOf({ type: 'sample', sample })),
    ].filter((one) => one !== undefined);
    for (const one of watching) {
      if (one.viewer.bufferedBytes > SLOW_BYTES) {
        one.dropped += records.length;
        one.isBehind ||= news.length > 0;
        continue;
      }
      if (one.isBehind) {
        one.isBehind = false;
        if (toldStatus !== '' && !news.includes(toldStatus)) one.viewer.send(toldStatus);
        one.viewer.send(messageOf({ type: 'jobs', jobs: sources.jobs() }));
      }
      if (records.length > 0) {
        told ??= JSON.stringify(records);
        one.viewer.send(`{"type":"records","records":${told},"dropped":${one.dropped}}`);
        one.dropped = 0;
      }
      for (const message of news) one.viewer.send(message);
    }
    forgetNews();
  };

  return {
    get isFull() {
      return watching.size >= MOST_VIEWERS;
    },
    join: (viewer) => {
      if (watching.size >= MOST_VIEWERS) return undefined;
      // What has gathered is in the hello as well: the others are told of it now, and nobody twice.
      if (batch !== undefined) {
        clearTimeout(batch);
        tell();
      }
      const one: Watching = { viewer, dropped: 0, isBehind: false };
      watching.add(one);
      if (watching.size === 1) follow();
      viewer.send(messageOf({ type: 'hello', schemaVersion: 1, ...sources.hello() }));
      return () => {
        if (watching.delete(one) && watching.size === 0) stop();
      };
    },
    close: () => {
      watching.clear();
      stop();
    },
  };
};

const messageOf = (message: FeedMessage): string => JSON.stringify(message);
