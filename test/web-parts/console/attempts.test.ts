// Attempts put together from the feed and the journal, and what is drawn of them.
import { describe, expect, test } from 'vitest';
import type { JobTimeline } from '../../../src/console/feed/feed-messages.js';
import type { JobLine } from '../../../src/console/node-view.js';
import { attemptsOf, isWanted } from '../../../web/console/jobs/attempts.js';
import { phaseOf } from '../../../web/console/jobs/phases.js';

const timeline = (job: string, more: Partial<JobTimeline> = {}): JobTimeline => ({
  network: 'devnet',
  job,
  attempt: 1,
  model: 'demo-chat',
  steps: [
    { state: 'validating', atMs: 100 },
    { state: 'executing.running', atMs: 110 },
  ],
  endedMs: null,
  outcome: null,
  ...more,
});

const line = (job: string, more: Partial<JobLine> = {}): JobLine => ({
  network: 'devnet',
  job,
  attempt: 1,
  state: 'acknowledged',
  model: 'demo-chat',
  endpoint: 'chat',
  mode: 'stream',
  acceptedMs: 105,
  outcome: 'completed',
  verdict: 'accepted',
  promptTokens: 3,
  completionTokens: 5,
  firstTokenMs: 7,
  totalMs: 20,
  receiptSeq: 1,
  ...more,
});

test('the last step of an attempt that lives is open, that of one that has ended ends with it', () => {
  const [living] = attemptsOf([timeline('a')], []);
  expect(living).toMatchObject({
    state: 'executing.running',
    outcome: null,
    beganMs: 100,
    endedMs: null,
    line: null,
  });
  expect(living?.steps).toEqual([
    { state: 'validating', atMs: 100, endMs: 110 },
    { state: 'executing.running', atMs: 110, endMs: null },
  ]);
  const [ended] = attemptsOf([timeline('a', { endedMs: 150, outcome: 'completed' })], [line('a')]);
  expect(ended?.steps.at(-1)?.endMs).toBe(150);
});

test('the journal tells how an attempt ended once the feed says that it has', () => {
  const journal = [line('a', { outcome: 'runtime_crashed' })];
  expect(attemptsOf([timeline('a')], journal)[0]?.outcome).toBeNull();
  expect(attemptsOf([timeline('a', { endedMs: 150, outcome: 'concluded' })], journal)[0]?.outcome).toBe(
    'runtime_crashed',
  );
});

test('attempts only one of the two knows of are shown as well, newest first', () => {
  const declined = timeline('declined', {
    steps: [{ state: 'declining', atMs: 300 }],
    endedMs: 310,
    outcome: 'declined',
  });
  const attempts = attemptsOf([timeline('a'), declined], [line('a'), line('before', { acceptedMs: 50 })]);
  expect(attempts.map(({ job, steps, endedMs }) => [job, steps.length, endedMs])).toEqual([
    ['declined', 1, 310],
    ['a', 2, null],
    ['before', 0, 70],
  ]);
});

describe('a filter', () => {
  const attempts = attemptsOf(
    [timeline('aaa'), timeline('bbb', { model: 'demo-embed', endedMs: 120, outcome: 'completed' })],
    [],
  );
  const found = (wanted: Partial<Parameters<typeof isWanted>[0]>) =>
    attempts.filter(isWanted({ text: '', state: '', outcome: '', ...wanted })).map(({ job }) => job);

  test('finds by a part of job, model or network, by state and by outcome', () => {
    expect(found({}).sort()).toEqual(['aaa', 'bbb']);
    expect(found({ text: 'BB' })).toEqual(['bbb']);
    expect(found({ text: 'embed' })).toEqual(['bbb']);
    expect(found({ state: 'received' })).toEqual([]);
    expect(found({ outcome: 'running' })).toEqual(['aaa']);
    expect(found({ outcome: 'completed' })).toEqual(['bbb']);
  });
});

test('every state of the job’s statechart belongs to a phase', () => {
  expect(
    [
      'received',
      'recording',
      'executing.queued',
      'executing.running',
      'signingLater',
      'delivering.waitingForLink',
      'concludingLater',
      'abandoned',
    ].map(phaseOf),
  ).toEqual(['intake', 'intake', 'queue', 'inference', 'signing', 'delivery', 'end', 'end']);
});
