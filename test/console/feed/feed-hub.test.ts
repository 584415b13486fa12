// What viewers of the feed are told, in which batches, and what becomes of one that does not keep up.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createFeedHub,
  type FeedHub,
  type FeedSources,
  type Viewer,
} from '../../../src/console/feed/feed-hub.js';
import {
  type FeedMessage,
  feedMessage,
  type JobTimeline,
  type LogEntry,
  type Sample,
} from '../../../src/console/feed/feed-messages.js';
import type { FeedRecord } from '../../../src/console/feed/feed-records.js';
import { RUNNING } from '../../doctor/subject.js';

/** A source of news that counts who listens. */
const channel = <T>() => {
  const listeners = new Set<(news: T) => void>();
  return {
    listeners,
    say: (news: T) => {
      for (const listener of listeners) listener(news);
    },
    follow: (listener: (news: T) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

const eventOf = (seq: number): FeedRecord => ({
  kind: 'event',
  seq,
  atMs: seq,
  from: null,
  to: 'x:1',
  type: 'tick',
});
const sampleAt = (atMs: number): Sample => ({
  atMs,
  tokensPerSecond: 1,
  firstTokenMs: null,
  running: 0,
  queued: 0,
  outbox: 0,
  gpus: [],
});
const jobIn = (state: string): JobTimeline => ({
  network: 'devnet',
  job: 'J1',
  attempt: 1,
  model: 'm',
  steps: [{ state, atMs: 1 }],
  endedMs: null,
  outcome: null,
});
const logOf = (seq: number): LogEntry => ({
  seq,
  atMs: seq,
  level: 'info',
  component: null,
  network: null,
  event: null,
  job: null,
  message: 'said',
});

const records = channel<FeedRecord>();
const samples = channel<Sample>();
const jobs = channel<JobTimeline>();
const logs = channel<LogEntry>();
const statuses = channel<void>();
let stage = 'connected';
let looks = 0;

const sources: FeedSources = {
  hello: () => ({
    agentVersion: '0.1.0',
    nowMs: 0,
    machines: ['job'],
    inspector: true,
    status: { ...RUNNING, stage },
    actors: [],
    records: [],
    samples: [],
    jobs: [],
    logs: [],
  }),
  status: () => {
    looks++;
    return { ...RUNNING, stage };
  },
  jobs: () => [jobIn('executing.running')],
  onRecord: records.follow,
  onSample: samples.follow,
  onJob: jobs.follow,
  onLog: logs.follow,
  onStatus: statuses.follow,
};

interface Screen extends Viewer {
  bufferedBytes: number;
  readonly seen: FeedMessage[];
}
const screen = (): Screen => {
  const seen: FeedMessage[] = [];
  return { bufferedBytes: 0, seen, send: (text) => void seen.push(feedMessage.parse(JSON.parse(text))) };
};
const typesOf = ({ seen }: Screen): string[] => seen.map(({ type }) => type);
const recordsOf = ({ seen }: Screen): number[] =>
  seen.flatMap((one) => (one.type === 'records' ? one.records.map(({ seq }) => seq) : []));

let hub: FeedHub;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  stage = 'connected';
  looks = 0;
  hub = createFeedHub(sources, Date.now);
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

describe('one who watches', () => {
  test('is greeted at once, and told the rest in batches of 50 ms', () => {
    const one = screen();
    hub.join(one);
    expect(typesOf(one)).toEqual(['hello']);
    records.say(eventOf(1));
    vi.advanceTimersByTime(30);
    records.say(eventOf(2));
    vi.advanceTimersByTime(19);
    expect(typesOf(one)).toEqual(['hello']);
    vi.advanceTimersByTime(1);
    expect(one.seen.at(-1)).toEqual({ type: 'records', records: [eventOf(1), eventOf(2)], dropped: 0 });
    vi.advanceTimersByTime(10_000);
    expect(one.seen).toHaveLength(2);
  });

  test('is told of jobs in their latest form, of samples and of the log', () => {
    const one = screen();
    hub.join(one);
    jobs.say(jobIn('validating'));
    jobs.say(jobIn('recording'));
    logs.say(logOf(7));
    samples.say(sampleAt(1));
    vi.advanceTimersByTime(50);
    expect(one.seen.slice(1)).toEqual([
      { type: 'status', status: RUNNING },
      { type: 'jobs', jobs: [jobIn('recording')] },
      { type: 'logs', logs: [logOf(7)] },
      { type: 'sample', sample: sampleAt(1) },
    ]);
  });

  test('is told of the status four times a second at most, and only of another one', () => {
    const one = screen();
    hub.join(one);
    for (let at = 0; at < 100; at++) {
      stage = `stage ${at}`;
      statuses.say();
      vi.advanceTimersByTime(10);
    }
    expect(looks).toBeLessThanOrEqual(5);
    vi.advanceTimersByTime(300);
    expect(one.seen.at(-1)).toMatchObject({ type: 'status', status: { stage: 'stage 99' } });
    const { length } = one.seen;
    statuses.say();
    vi.advanceTimersByTime(1_000);
    expect(one.seen).toHaveLength(length);
  });

  test('is the eighth at most; who leaves makes room, and nothing is followed for nobody', () => {
    expect(records.listeners.size).toBe(0);
    const leave = Array.from({ length: 8 }, () => hub.join(screen()));
    expect(hub.isFull).toBe(true);
    expect(hub.join(screen())).toBeUndefined();
    expect(records.listeners.size).toBe(1);
    leave[0]?.();
    leave[0]?.();
    expect(hub.isFull).toBe(false);
    for (const one of leave) one?.();
    for (const { listeners } of [records, samples, jobs, logs, statuses]) expect(listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('who comes between two batches is told nothing twice, and the others miss nothing', () => {
    const early = screen();
    hub.join(early);
    records.say(eventOf(1));
    const late = screen();
    hub.join(late);
    records.say(eventOf(2));
    vi.advanceTimersByTime(50);
    expect(recordsOf(early)).toEqual([1, 2]);
    expect(recordsOf(late)).toEqual([2]);
  });
});

describe('one who does not keep up', () => {
  test('is passed over, told how much it missed, and how things stand', () => {
    const slow = screen();
    const quick = screen();
    hub.join(slow);
    hub.join(quick);
    slow.bufferedBytes = 1_000_001;
    for (let at = 1; at <= 30; at++) {
      records.say(eventOf(at));
      if (at === 10) jobs.say(jobIn('recording'));
      if (at === 11) statuses.say();
      vi.advanceTimersByTime(50);
    }
    expect(typesOf(slow)).toEqual(['hello']);
    expect(recordsOf(quick)).toHaveLength(30);
    slow.bufferedBytes = 1_000_000;
    records.say(eventOf(31));
    vi.advanceTimersByTime(50);
    expect(slow.seen.slice(1)).toEqual([
      { type: 'status', status: RUNNING },
      { type: 'jobs', jobs: [jobIn('executing.running')] },
      { type: 'records', records: [eventOf(31)], dropped: 30 },
    ]);
    records.say(eventOf(32));
    vi.advanceTimersByTime(50);
    expect(slow.seen.at(-1)).toMatchObject({ dropped: 0 });
  });

  test('when a whole batch is too much, the oldest of it is missed by all', () => {
    const one = screen();
    hub.join(one);
    for (let at = 0; at < 2_500; at++) records.say(eventOf(at));
    vi.advanceTimersByTime(50);
    expect(one.seen.at(-1)).toMatchObject({ type: 'records', dropped: 500 });
    expect(recordsOf(one)).toEqual(Array.from({ length: 2_000 }, (_, at) => at + 500));
  });
});
