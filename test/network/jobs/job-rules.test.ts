// Small pure rules of the job side: transitions, leases, strikes, the client's channel.
import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../../../src/network/desk/core-options.js';
import { EventChannel } from '../../../src/network/jobs/event-channel.js';
import type { JobRecord } from '../../../src/network/jobs/job-record.js';
import {
  acceptAttempt,
  admitJob,
  attemptInForce,
  finishJob,
  NOT_SENT,
  nextAttempt,
  offerAttempt,
  returnToQueue,
  triesOf,
} from '../../../src/network/jobs/job-transitions.js';
import { leaseEndMs } from '../../../src/network/jobs/lease.js';
import { struck } from '../../../src/network/jobs/strikes.js';
import type { NodeRecord } from '../../../src/network/registry/node-registry.js';
import { NO_DIGEST } from '../../../src/protocol/receipt.js';
import { HARDWARE } from '../io/scripted-node.js';

const NODE = `0x${'2'.repeat(40)}`;
const job = (): JobRecord => ({
  job: '01J00000000000000000000000',
  kind: 'paid',
  namespace: 'acme',
  endpoint: 'chat.completions',
  model: 'tiny',
  mode: 'sync',
  priority: 5,
  max_output_tokens: 8,
  created_ms: 0,
  expires_ms: 1,
  state: 'admitting',
  attempts: [],
  finished_ms: null,
  end: null,
});
const offer = (it: JobRecord): JobRecord =>
  offerAttempt(it, {
    attempt: nextAttempt(it),
    node: NODE,
    config_digest: NO_DIGEST,
    model_digest: NO_DIGEST,
    request_digest: NO_DIGEST,
    exec_timeout_ms: 1,
    offered_ms: 1,
  });

test('an attempt whose offer was not sent is none of those a job may have', () => {
  const unsent = returnToQueue(offer(admitJob(job())), 1, 'lost', NOT_SENT);
  expect([nextAttempt(unsent), triesOf(unsent)]).toEqual([2, 0]);
  const forgotten = returnToQueue(offer(unsent), 2, 'lost', 'forgotten');
  expect([nextAttempt(forgotten), triesOf(forgotten)]).toEqual([3, 1]);
});

test('attempts rise by one and at most the last one is in force', () => {
  const first = acceptAttempt(offer(admitJob(job())), 1, 2);
  expect([first.state, attemptInForce(first)?.attempt]).toEqual(['running', 1]);
  const queued = returnToQueue(first, 1, 'lost', 'lease_lost');
  expect([queued.state, attemptInForce(queued)]).toEqual(['queued', undefined]);
  const second = offer(queued);
  expect(second.attempts.map((one) => [one.attempt, one.state, one.code])).toEqual([
    [1, 'lost', 'lease_lost'],
    [2, 'offered', null],
  ]);
});

test('an end closes the attempt in force and is final', () => {
  const refusal = { code: 'cancelled', outcome: null, param: null };
  const over = finishJob(offer(admitJob(job())), 'cancelled', { type: 'failed', refusal }, 5);
  expect(over.attempts.map((one) => [one.state, one.code])).toEqual([['cancelled', 'cancelled']]);
  expect(attemptInForce(over)).toBeUndefined();
  const usage = { prompt_tokens: 1, completion_tokens: 1 };
  expect(finishJob(over, 'completed', { type: 'completed', usage, receipt_digest: NO_DIGEST }, 6)).toBe(over);
});

test('a lease ends by silence, by its execution bound, and later for a node that is away', () => {
  const times = { leaseMs: 30, graceMs: 10, lastSignMs: 100 };
  const attempt = { accepted_ms: 100, exec_timeout_ms: 1_000 };
  expect(leaseEndMs({ ...times, attempt, lastSeenMs: 120 })).toBe(150);
  expect(leaseEndMs({ ...times, attempt, lastSeenMs: 5_000 })).toBe(1_130);
  expect(leaseEndMs({ ...times, attempt, lastSeenMs: undefined })).toBe(140);
});

describe('strikes', () => {
  const record: NodeRecord = {
    node: NODE,
    revision: 1,
    registered_ms: 0,
    agent_version: '0.1.0',
    hardware: HARDWARE,
    engines: [],
    owner: null,
    exclusion: null,
    last_seen_ms: 0,
    last_receipt: null,
    strikes: 0,
  };
  const struckAfter = (strikes: number) =>
    struck({ ...record, strikes }, 'chain_mismatch', 1_000, DEFAULT_OPTIONS);

  test('below the limit only count', () => {
    expect(struckAfter(1)).toMatchObject({ strikes: 2, exclusion: null });
  });
  test('at the limit bring a cool-down that doubles with each further one, up to a day', () => {
    const minutes = [2, 3, 4, 40].map((n) => ((struckAfter(n).exclusion?.until_ms ?? 0) - 1_000) / 60_000);
    expect(minutes).toEqual([10, 20, 40, 1_440]);
    expect(struckAfter(2).exclusion?.text).toContain("'chain_mismatch'");
  });
  test('known from elsewhere count although a good result came between', () => {
    expect(struck(record, 'quality', 0, DEFAULT_OPTIONS, 3)).toMatchObject({
      strikes: 3,
      exclusion: { state: 'cooldown', code: 'quality' },
    });
  });
  test('leave an exclusion by an operator as it is', () => {
    const exclusion = { state: 'frozen', code: 'by_hand', text: 'ask us' } as const;
    expect(struck({ ...record, strikes: 9, exclusion }, 'x', 0, DEFAULT_OPTIONS).exclusion).toBe(exclusion);
  });
});

describe('a channel', () => {
  const end = { type: 'failed', refusal: { code: 'x', outcome: null, param: null } } as const;
  const read = async (channel: EventChannel) => {
    const events = [];
    for await (const event of channel) events.push(event);
    return events;
  };

  test('wakes a waiting consumer and ends after the end', async () => {
    const channel = new EventChannel();
    const reading = read(channel);
    channel.push({ type: 'chunk', data: 'a' });
    channel.end(end);
    channel.push({ type: 'chunk', data: 'late' });
    channel.end(end);
    expect(await reading).toEqual([{ type: 'chunk', data: 'a' }, end]);
  });
  test('counts what is unread and gives back what nobody read', () => {
    const channel = new EventChannel();
    channel.push({ type: 'started' });
    channel.push({ type: 'chunk', data: 'äö' });
    expect([channel.unreadBytes, channel.hasSpoken]).toEqual([4, false]);
    channel.dropChunks();
    expect(channel.unreadBytes).toBe(0);
  });
  test('keeps nothing for a consumer that left', async () => {
    const channel = new EventChannel();
    channel.push({ type: 'started' });
    for await (const _ of channel) break;
    channel.push({ type: 'chunk', data: 'a' });
    expect(channel.unreadBytes).toBe(0);
  });
});
