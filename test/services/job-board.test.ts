import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { NETWORK, NODE, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { MemoryNetworkSockets } from '../../src/adapters/network-socket/memory-network-sockets.js';
import type { JobInput } from '../../src/machines/job/job-events.js';
import { jobMachine } from '../../src/machines/job-machine.js';
import type { NodeModel } from '../../src/machines/node/node-events.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { signAsNode } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { parseMessage } from '../../src/protocol/message-codec.js';
import type { Capacity } from '../../src/protocol/messages/presence.js';
import { createCrowd } from '../../src/services/crowd.js';
import { createJobBoard } from '../../src/services/job-board.js';
import { createOutboundLane } from '../../src/services/outbound-lane.js';
import { createSlots } from '../../src/services/slots.js';

const SERVES: readonly NodeModel[] = [
  {
    slot: 'model-slot-0',
    id: 'tiny',
    digest: `sha256:${'0'.repeat(64)}`,
    enabled: true,
    state: 'active',
    reason: null,
  },
];
const attemptOf = (index: number) => ({
  job: `01JGFJJZ00TESTTEST${String(index).padStart(8, '0')}`,
  attempt: 1,
});
/** Never started: the board only keeps it. */
const actorOf = (index: number) => {
  const input: JobInput = {
    ...attemptOf(index),
    resumption: 'new',
    model: 'tiny',
    endpoint: 'completions',
    streamed: false,
    deadlineMs: 0,
    acceptedMs: 0,
    outboxUntilMs: 0,
  };
  return createActor(jobMachine, { input });
};

const rig = (total = 2, queueMax = 3, crowd = createCrowd()) => {
  const sockets = new MemoryNetworkSockets();
  const lane = createOutboundLane(() => TIME_MS);
  const slots = createSlots(total);
  const clock = new ManualClock();
  const board = createJobBoard({
    lane,
    slots,
    queueMax: () => queueMax,
    crowd,
    monotonicMs: () => clock.monotonicMs(),
  });
  board.models = SERVES;
  const handlers = { opened: () => undefined, message: () => undefined, closed: () => undefined };
  const openSession = () => {
    const socket = sockets.dial('ws://network', new AbortController().signal, handlers);
    lane.attach({ socket, session: SESSION, firstSeq: 1, sign: signAsNode(NETWORK, NODE) });
    board.openSession();
  };
  const announced = (): readonly Capacity[] =>
    sockets.last.sent.flatMap((bytes) => {
      const { type, body } = parseMessage(decodeFrame(bytes, LIMITS.resultBytes), 'node');
      return type === 'capacity' ? [body] : [];
    });
  let next = 0;
  /** An offer as the supervisor takes it. */
  const offer = () => {
    const index = next++;
    board.countOffer();
    const slot = board.freeSlot();
    board.enter(slot, attemptOf(index), actorOf(index));
    return { slot, index };
  };
  return { board, clock, lane, slots, openSession, announced, offer };
};

test('announces slots and queue when a session opens, and begins anew with the next', () => {
  const { board, openSession, announced, offer } = rig();
  openSession();
  expect(announced()).toEqual([{ credit_limit: 5, slots: { total: 2, free: 2 } }]);
  const { slot } = offer();
  board.leave(slot);
  expect(announced().map((one) => one.credit_limit)).toEqual([5, 6]);
  openSession();
  expect(announced().map((one) => one.credit_limit)).toEqual([5]);
});

test('says nothing while offline, and nothing while there is nothing new', () => {
  const { board, lane, openSession, announced } = rig();
  board.announceCapacity();
  expect(board.creditLimit).toBe(0);
  openSession();
  board.announceCapacity();
  board.announceCapacity();
  expect(announced()).toHaveLength(1);
  lane.detach();
  board.announceCapacity();
  expect(announced()).toHaveLength(1);
});

test.each([
  ['is draining', { isAdmitting: false }],
  ['has a full journal', { hasRoom: () => false }],
  ['serves no model', { models: [] }],
  ['has only models in test', { models: SERVES.map((one) => ({ ...one, state: 'testing' as const })) }],
])('offers no room while it %s', (_, condition) => {
  const { board, openSession, announced } = rig();
  Object.assign(board, condition);
  openSession();
  expect([announced(), board.creditLimit]).toEqual([[], 0]);
});

test('tells how long the oldest result has been in the outbox', () => {
  const { board, clock, offer } = rig();
  const [first, second] = [offer(), offer()];
  clock.advance(5_000);
  expect(board.longestInOutboxMs()).toBeUndefined();
  board.note(first.slot, { delivering: 'sending' });
  clock.advance(300);
  board.note(second.slot, { delivering: 'sending' });
  board.note(first.slot, { delivering: 'waitingForLink' });
  clock.advance(200);
  expect(board.longestInOutboxMs()).toBe(500);
  board.leave(first.slot);
  expect(board.longestInOutboxMs()).toBe(200);
  board.leave(second.slot);
  expect(board.longestInOutboxMs()).toBeUndefined();
});

test('takes work again when a result has left and the journal has room', () => {
  const { board, openSession, announced, offer } = rig(1, 0);
  board.note(offer().slot, 'delivering');
  board.hasRoom = () => false;
  openSession();
  expect(announced()).toEqual([]);
  board.hasRoom = () => true;
  board.leave('job-slot-0');
  expect(announced()).toEqual([{ credit_limit: 1, slots: { total: 1, free: 1 } }]);
});

test('counts attempts by phase, and room comes back when one is signed', () => {
  const { board, openSession, announced, offer } = rig(1, 0);
  openSession();
  const { slot, index } = offer();
  expect(board.load()).toEqual({ busy: 0, outbox: 0 });
  expect(board.note(slot, 'validating')).toBe(false);
  expect(board.note(slot, 'recording')).toBe(true);
  expect(board.note(slot, { executing: 'queued' })).toBe(false);
  expect([board.load(), board.running()]).toEqual([
    { busy: 1, outbox: 0 },
    [attemptOf(index)].map((one) => expect.objectContaining(one)),
  ]);
  expect(announced()).toHaveLength(1);
  expect(board.note(slot, { delivering: 'submitting' })).toBe(true);
  expect([board.load(), board.running()]).toEqual([{ busy: 0, outbox: 1 }, []]);
  expect(announced().at(-1)?.credit_limit).toBe(2);
  expect(board.leave(slot)).toEqual(expect.objectContaining(attemptOf(index)));
  expect(board.leave(slot)).toBeUndefined();
  expect(board.load()).toEqual({ busy: 0, outbox: 0 });
});

test('reuses the slots of attempts that left, so that names stay few', () => {
  const { board, offer } = rig();
  const slots = [offer(), offer(), offer()].map(({ slot }) => slot);
  expect(slots).toEqual(['job-slot-0', 'job-slot-1', 'job-slot-2']);
  board.leave('job-slot-1');
  expect(board.freeSlot()).toBe('job-slot-1');
});

test('finds an attempt by job and attempt together', () => {
  const { board, offer } = rig();
  const { index } = offer();
  expect(board.find(attemptOf(index))).toBeDefined();
  expect(board.find({ ...attemptOf(index), attempt: 2 })).toBeUndefined();
  board.leave('job-slot-0');
  expect(board.find(attemptOf(index))).toBeUndefined();
});

/** What may happen to a board in a session: the network offers, honestly or not; attempts move on; the owner drains. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'offer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'overdraw' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drain' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'admit' as const }) },
);

test('the announced total never shrinks, what goes beyond it is refused, and work never exceeds slots and queue', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 4 }),
      fc.array(step, { maxLength: 60 }),
      (total, queueMax, steps) => {
        const { board, openSession, announced, offer } = rig(total, queueMax);
        openSession();
        let offersSent = 0;
        const living = new Map<string, 'validating' | 'executing' | 'delivering'>();
        for (const one of steps) {
          const limit = announced().at(-1)?.credit_limit ?? 0;
          const honest = offersSent < limit;
          if ((one.kind === 'offer' && honest) || (one.kind === 'overdraw' && !honest)) {
            offersSent++;
            const { slot } = offer();
            expect(board.isWithinCredit).toBe(honest);
            // The job machine validates before the supervisor announces anything: see `begin` there.
            if (honest) living.set(slot, 'validating');
            board.announceCapacity();
            if (!honest) board.leave(slot);
          } else if (one.kind === 'move' && living.size > 0) {
            const slot = [...living.keys()][one.which % living.size] ?? '';
            const phase = living.get(slot);
            if (phase === 'validating') {
              living.set(slot, 'executing');
              board.note(slot, { executing: 'queued' });
            } else if (phase === 'executing') {
              living.set(slot, 'delivering');
              board.note(slot, { delivering: 'submitting' });
            } else {
              living.delete(slot);
              board.leave(slot);
            }
          } else if (one.kind === 'drain' || one.kind === 'admit') {
            board.isAdmitting = one.kind === 'admit';
            board.announceCapacity();
          }
          const working = [...living.values()].filter((phase) => phase !== 'delivering').length;
          expect(working).toBeLessThanOrEqual(total + queueMax);
          const limits = announced().map((each) => each.credit_limit);
          expect(limits).toEqual([...new Set(limits)].sort((a, b) => a - b));
          // Nothing the network may still send could overfill the node.
          expect((limits.at(-1) ?? 0) - offersSent + working).toBeLessThanOrEqual(total + queueMax);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('another network’s attempts at the same engine are room that is not announced, and announced once they end', () => {
  const crowd = createCrowd();
  let others = 4;
  const other = crowd.join({ count: () => others, recount: () => undefined });
  const { openSession, announced } = rig(2, 3, crowd);
  openSession();
  expect(announced().map(({ credit_limit }) => credit_limit)).toEqual([1]);
  others = 0;
  other.tell();
  expect(announced().map(({ credit_limit }) => credit_limit)).toEqual([1, 5]);
});
