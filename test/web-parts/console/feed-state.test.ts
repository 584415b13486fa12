// What the page knows of the node, message by message.
import { expect, test } from 'vitest';
import type {
  FeedHello,
  FeedMessage,
  JobTimeline,
  LogEntry,
  Sample,
} from '../../../src/console/feed/feed-messages.js';
import { type FeedState, reduceFeed } from '../../../web/console/feed/feed-state.js';
import { statusSample } from './status-sample.js';

const log = (seq: number): LogEntry => ({
  seq,
  atMs: seq,
  level: 'info',
  component: 'node',
  network: null,
  event: null,
  job: null,
  message: `line ${seq}`,
});
const sample = (atMs: number): Sample => ({
  atMs,
  tokensPerSecond: 1,
  firstTokenMs: null,
  running: 0,
  queued: 0,
  outbox: 0,
  gpus: [],
});
const job = (id: string, attempt: number, outcome: string | null = null): JobTimeline => ({
  network: 'devnet',
  job: id,
  attempt,
  model: 'demo-chat',
  steps: [{ state: 'received', atMs: 1 }],
  endedMs: outcome === null ? null : 5,
  outcome,
});

const hello: FeedHello = {
  type: 'hello',
  schemaVersion: 1,
  agentVersion: '0.1.0',
  nowMs: 1_000,
  machines: ['job'],
  inspector: true,
  status: statusSample(),
  actors: [],
  records: [],
  samples: [sample(1)],
  jobs: [job('a', 1)],
  logs: [log(0)],
};

const after = (...messages: readonly FeedMessage[]): FeedState => {
  const state = messages.reduce<FeedState | null>(reduceFeed, reduceFeed(null, hello));
  if (state === null) throw new Error('a hello begins a state');
  return state;
};

test('nothing is known before the hello, and another hello begins anew', () => {
  expect(reduceFeed(null, { type: 'logs', logs: [log(1)] })).toBeNull();
  const again = after({ type: 'logs', logs: [log(1)] }, { ...hello, logs: [] });
  expect(again).toMatchObject({ session: 2, logs: [] });
});

test('samples, lines and records are put behind those before, what was missed is counted', () => {
  const record = { kind: 'event', seq: 7, atMs: 1, from: null, to: 'x:1', type: 'job.offered' } as const;
  const state = after(
    { type: 'sample', sample: sample(2) },
    { type: 'logs', logs: [log(1), log(2)] },
    { type: 'records', records: [record], dropped: 3 },
    { type: 'records', records: [{ ...record, seq: 8 }], dropped: 1 },
  );
  expect(state.samples.map(({ atMs }) => atMs)).toEqual([1, 2]);
  expect(state.logs.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  expect(state.records.map(({ seq }) => seq)).toEqual([7, 8]);
  expect(state.dropped).toBe(4);
});

test('a job that is told again takes the place of what was known of this attempt alone', () => {
  const state = after({ type: 'jobs', jobs: [job('a', 2), job('a', 1, 'completed')] });
  expect(state.jobs.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, 'completed'],
    [2, null],
  ]);
});

test('a status takes the place of the one before and leaves the rest as it was', () => {
  const before = after();
  const state = reduceFeed(before, { type: 'status', status: { ...statusSample(), stage: 'draining' } });
  expect(state).toEqual({ ...before, status: { ...before.status, stage: 'draining' } });
});

test('however long the page is open, it keeps a bounded end of everything', () => {
  const many = Array.from({ length: 3_000 }, (_, seq) => log(seq + 1));
  const state = after(
    { type: 'logs', logs: many },
    ...Array.from(
      { length: 1_000 },
      (_, index): FeedMessage => ({ type: 'sample', sample: sample(index + 2) }),
    ),
    { type: 'jobs', jobs: Array.from({ length: 700 }, (_, index) => job(`j${index}`, 1)) },
  );
  expect([state.logs.length, state.samples.length, state.jobs.length]).toEqual([2_000, 900, 500]);
  expect(state.logs.at(-1)?.seq).toBe(3_000);
});
