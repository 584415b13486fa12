import { expect, test } from 'vitest';
import { NETWORK, NODE, RECEIPT, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { MemoryNetworkSockets } from '../../src/adapters/network-socket/memory-network-sockets.js';
import { bytes32Of } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { signAsNode, verifyNodeFrame } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { mustBeSigned, parseMessage } from '../../src/protocol/message-codec.js';
import type { JobDelta } from '../../src/protocol/messages/jobs.js';
import { createOutboundLane, fitsInDelta } from '../../src/services/outbound-lane.js';
import { BODIES } from '../protocol/message-samples.js';

const KIB = 1024;
const jobOf = (index: number): string => `01JGFJJZ00TESTTESTTEST${String(index).padStart(4, '0')}`;

/** A lane on a memory socket, with the turns of the event loop in the test's hand. */
const rig = () => {
  const sockets = new MemoryNetworkSockets();
  const turns: (() => void)[] = [];
  const lane = createOutboundLane(
    () => TIME_MS,
    (flush) => turns.push(flush),
  );
  const handlers = { opened: () => undefined, message: () => undefined, closed: () => undefined };
  const attach = (session = SESSION, firstSeq = 1) => {
    const socket = sockets.dial('ws://network', new AbortController().signal, handlers);
    lane.attach({ socket, session, firstSeq, sign: signAsNode(NETWORK, NODE) });
    return sockets.last;
  };
  const endTurn = () => {
    for (const flush of turns.splice(0)) flush();
  };
  const frames = (connection = sockets.last) =>
    connection.sent.map((bytes) => parseMessage(decodeFrame(bytes, LIMITS.resultBytes), 'node'));
  const batches = () => frames().flatMap(({ type, body }) => (type === 'job.delta' ? [body.batch] : []));
  return { lane, turns, attach, endTurn, frames, batches };
};

test('merges the deltas of all streams of one turn into one frame', () => {
  const { lane, turns, attach, endTurn, frames, batches } = rig();
  attach();
  void lane.delta(jobOf(1), 1, 0, 'a');
  void lane.delta(jobOf(2), 1, 7, 'x');
  void lane.delta(jobOf(1), 1, 1, 'b');
  void lane.delta(jobOf(1), 2, 0, 'another attempt');
  expect(turns).toHaveLength(1);
  expect(frames()).toEqual([]);
  endTurn();
  expect(batches()).toEqual([
    [
      { job: jobOf(1), attempt: 1, i: 0, chunks: ['a', 'b'] },
      { job: jobOf(2), attempt: 1, i: 7, chunks: ['x'] },
      { job: jobOf(1), attempt: 2, i: 0, chunks: ['another attempt'] },
    ],
  ]);
  void lane.delta(jobOf(1), 1, 2, 'c');
  endTurn();
  expect(batches()[1]).toEqual([{ job: jobOf(1), attempt: 1, i: 2, chunks: ['c'] }]);
});

test('splits a turn of many streams at the frame limit and loses no chunk', () => {
  const { lane, attach, endTurn, batches, frames } = rig();
  const connection = attach();
  const chunk = '"'.repeat(30 * KIB); // every quote is two bytes inside JSON
  for (let stream = 0; stream < 20; stream++) void lane.delta(jobOf(stream), 1, stream, chunk);
  endTurn();
  expect(batches().flat()).toEqual(
    Array.from({ length: 20 }, (_, stream) => ({
      job: jobOf(stream),
      attempt: 1,
      i: stream,
      chunks: [chunk],
    })),
  );
  expect(connection.sent.length).toBeGreaterThanOrEqual(5);
  for (const bytes of connection.sent) {
    expect(decodeFrame(bytes, LIMITS.deltaBytes).body.length).toBeLessThanOrEqual(LIMITS.deltaBytes);
  }
  expect(frames().map(({ header }) => header.n)).toEqual(connection.sent.map((_, at) => at + 1));
});

test('lets no message overtake the deltas before it', () => {
  const { lane, attach, endTurn, frames } = rig();
  attach();
  void lane.delta(RECEIPT.job, 1, 0, 'last words');
  lane.send('result', BODIES.result);
  void lane.delta(jobOf(2), 1, 0, 'later');
  lane.flush();
  endTurn();
  expect(frames().map(({ type }) => type)).toEqual(['job.delta', 'result', 'job.delta']);
});

test('numbers frames without a gap and signs what must be signed', () => {
  const { lane, attach, endTurn, frames } = rig();
  attach(SESSION, 4);
  lane.send('capacity', BODIES.capacity);
  lane.send('heartbeat', BODIES.heartbeat);
  void lane.delta(jobOf(1), 1, 0, 'a');
  endTurn();
  lane.send('job.accept', BODIES['job.accept']);
  lane.send('goodbye', BODIES.goodbye);
  expect(frames().map(({ header }) => [header.n, header.s, header.ts])).toEqual(
    [4, 5, 6, 7, 8].map((n) => [n, SESSION, TIME_MS]),
  );
  for (const { type, header } of frames()) {
    expect(header.sig?.length).toBe(mustBeSigned(type) ? 1 : undefined);
    if (mustBeSigned(type)) verifyNodeFrame(NETWORK, header, NODE.address);
  }
});

test('drops deltas while offline and says so of messages', () => {
  const { lane, turns, attach, endTurn, frames } = rig();
  expect(lane.session).toBeUndefined();
  expect(lane.delta(jobOf(1), 1, 0, 'lost')).toBeUndefined();
  expect(turns).toEqual([]);
  expect(() => lane.send('capacity', BODIES.capacity)).toThrow(
    expect.objectContaining({ code: 'LINK_DOWN', retryable: true }),
  );
  lane.flush();
  attach();
  endTurn();
  expect(frames()).toEqual([]);
});

test('takes nothing of one session into the next: a stream with a gap must not look whole', () => {
  const { lane, attach, endTurn, frames } = rig();
  const first = attach();
  void lane.delta(jobOf(1), 1, 0, 'queued when the link went');
  lane.detach();
  expect(lane.session).toBeUndefined();
  void lane.delta(jobOf(1), 1, 1, 'lost');
  const next = bytes32Of('the next session');
  const second = attach(next);
  expect(lane.session).toBe(next);
  void lane.delta(jobOf(1), 1, 2, 'here again');
  endTurn();
  expect(frames(first)).toEqual([]);
  const chunks: JobDelta['batch'][number]['chunks'] = ['here again'];
  expect(frames(second)).toMatchObject([{ body: { batch: [{ i: 2, chunks }] }, header: { n: 1, s: next } }]);
});

test('makes readers wait while the link is behind, all on the same promise, until it has caught up', async () => {
  const { lane, attach } = rig();
  const connection = attach();
  expect(lane.delta(jobOf(1), 1, 0, 'a')).toBeUndefined();
  connection.bufferedBytes = KIB * KIB;
  const waiting = lane.delta(jobOf(1), 1, 1, 'b');
  expect(waiting).toBeInstanceOf(Promise);
  expect(lane.delta(jobOf(2), 1, 0, 'c')).toBe(waiting);
  let isFree = false;
  void waiting?.then(() => {
    isFree = true;
  });
  connection.bufferedBytes = 256 * KIB;
  await Promise.resolve();
  expect(isFree).toBe(false);
  connection.bufferedBytes = 256 * KIB - 1;
  await waiting;
  expect(lane.delta(jobOf(1), 1, 2, 'd')).toBeUndefined();
  connection.bufferedBytes = 2 * KIB * KIB;
  expect(lane.delta(jobOf(1), 1, 3, 'e')).not.toBe(waiting);
});

test('frees waiting readers when the link is lost', async () => {
  const { lane, attach } = rig();
  const connection = attach();
  connection.bufferedBytes = KIB * KIB;
  const waiting = lane.delta(jobOf(1), 1, 0, 'a');
  lane.detach();
  connection.close(1006);
  await expect(waiting).resolves.toBeUndefined();
});

test.each([
  ['quotes', '"'.repeat(40 * KIB), 20],
  ['Chinese', '終'.repeat(40 * KIB), 20],
  ['control characters', '\u0001'.repeat(20 * KIB), 20],
  ['many small chunks', 'x', 10_000],
])('splits one stream of %s at the limits of a frame', (_, chunk, count) => {
  const { lane, attach, endTurn, batches, frames } = rig();
  const connection = attach();
  for (let index = 0; index < count; index++) void lane.delta(jobOf(1), 1, index, chunk);
  endTurn();
  let due = 0;
  for (const { i, chunks } of batches().flat()) {
    expect(i).toBe(due);
    expect(chunks.every((one) => one === chunk)).toBe(true);
    due += chunks.length;
  }
  expect(due).toBe(count);
  for (const bytes of connection.sent) {
    expect(decodeFrame(bytes, LIMITS.deltaBytes).body.length).toBeLessThanOrEqual(LIMITS.deltaBytes);
  }
  expect(frames().map(({ header }) => header.n)).toEqual(connection.sent.map((__, at) => at + 1));
});

test('puts no more streams into a frame than the schema takes', () => {
  const { lane, attach, endTurn, batches } = rig();
  attach();
  for (let stream = 0; stream < 3_000; stream++) void lane.delta(jobOf(stream), 1, 0, 'x');
  endTurn();
  expect(batches().map((batch) => batch.length)).toEqual([expect.any(Number), expect.any(Number)]);
  expect(batches().flat()).toHaveLength(3_000);
});

test('a message too large to send leaves no gap in the sequence', () => {
  const { lane, attach, frames } = rig();
  attach();
  expect(() => lane.send('result', { ...BODIES.result, output: 'x'.repeat(LIMITS.resultBytes) })).toThrow(
    expect.objectContaining({ protocolCode: 'too_large' }),
  );
  lane.send('capacity', BODIES.capacity);
  expect(frames().map(({ header }) => header.n)).toEqual([1]);
});

test('knows which chunk can leave in a frame at all', () => {
  const { lane, attach, endTurn, batches } = rig();
  attach();
  const fitting = [
    'x',
    'x'.repeat(LIMITS.deltaBytes - 259),
    '終'.repeat(80 * KIB),
    '\u0001'.repeat(40 * KIB),
  ];
  expect(fitting.map(fitsInDelta)).toEqual(fitting.map(() => true));
  for (const chunk of fitting) void lane.delta(jobOf(1), 1, 0, chunk);
  endTurn();
  expect(batches().flatMap((batch) => batch.flatMap(({ chunks }) => chunks))).toEqual(fitting);
  const beyond = ['x'.repeat(LIMITS.deltaBytes), '終'.repeat(90 * KIB), '\u0001'.repeat(44 * KIB)];
  expect(beyond.map(fitsInDelta)).toEqual(beyond.map(() => false));
});
