// Thousands of jobs through one supervisor: it must be as small afterwards as before, and name its actors from a
// bounded set, for XState keeps every distinct actor id for ever.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActor, fromPromise, sendTo, setup } from 'xstate';
import { NETWORK, NODE, ROOT, SESSION } from '../../scripts/vectors/samples.js';
import { systemClock } from '../../src/adapters/host/clock.js';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import {
  type Attempt,
  type InferenceEnd,
  jobMachine,
  type Validation,
} from '../../src/machines/job-machine.js';
import type { JobsOrder } from '../../src/machines/node/node-events.js';
import { digestOf } from '../../src/protocol/digest.js';
import type { JobOffer } from '../../src/protocol/messages/jobs.js';
import { concludeJob } from '../../src/services/conclude-job.js';
import { createConfigInForce } from '../../src/services/config-in-force.js';
import { declineJob } from '../../src/services/decline-job.js';
import { createExecutions } from '../../src/services/executions.js';
import { holdPlace } from '../../src/services/hold-place.js';
import { holdSlot } from '../../src/services/hold-slot.js';
import { createJobBoard } from '../../src/services/job-board.js';
import { createJobIntake } from '../../src/services/job-intake.js';
import { createMembership } from '../../src/services/membership.js';
import { createOutboundLane } from '../../src/services/outbound-lane.js';
import { createOutboxWindow } from '../../src/services/outbox-window.js';
import { recordJob } from '../../src/services/record-job.js';
import { signReceipt } from '../../src/services/sign-receipt.js';
import { createSlots } from '../../src/services/slots.js';
import { superviseJobs } from '../../src/services/supervise-jobs.js';
import { watchDeadline, watchOutbox } from '../../src/services/watch-deadline.js';

const AT_ONCE = 8;
/** Jobs before the first look at the heap, and in all. */
const WARM_UP = 480;
const JOBS = 2_000;

const attemptOf = (index: number): Attempt => ({
  job: `01JGFJJZ00TESTTEST${String(index).padStart(8, '0')}`,
  attempt: 1,
});

const offerOf = (index: number): JobOffer => ({
  ...attemptOf(index),
  endpoint: 'chat.completions',
  mode: 'sync',
  model: { id: 'tiny', digest: digestOf('tiny') },
  request: { model: 'tiny', messages: [{ role: 'user', content: `question ${index}` }] },
  max_output_tokens: 16,
  ttl_left_ms: 60_000,
  exec_timeout_ms: 60_000,
  lease_ms: 30_000,
  priority: index % 3,
  salt: `0x${'00'.repeat(32)}`,
});

/** Everything real but the engine and the network: one answers, the other acknowledges. */
const supervised = () => {
  const logger = pino({ level: 'silent' });
  const clock = systemClock;
  const membership = createMembership();
  const journal = createMemoryJournal();
  const unexpected = (): never => {
    throw new Error('jobs touch the journal only');
  };
  membership.identity.set({ nodeId: NODE.address, signer: NODE } as never);
  membership.network.set({
    id: NETWORK,
    root: ROOT,
    socketUrl: 'wss://network.example/v1/nodes/ws',
    journal,
    get state() {
      return unexpected();
    },
    get reports() {
      return unexpected();
    },
  });
  const intake = createJobIntake();
  const lane = createOutboundLane(() => clock.nowMs());
  const slots = createSlots(AT_ONCE / 2);
  const board = createJobBoard({ lane, slots, queueMax: () => AT_ONCE });
  const executions = createExecutions(() => clock.monotonicMs());
  const config = createConfigInForce();
  const outboxMs = (): number => 60_000;
  const parts = { membership, intake, lane, board, executions, config, clock, logger, outboxMs };
  const ids = new Set<string>();
  const { enter } = board;
  board.enter = (slot, attempt, actor) => {
    ids.add(actor.id);
    enter(slot, attempt, actor);
  };
  let acknowledge = (_: Attempt): void => undefined;

  const job = jobMachine.provide({
    actors: {
      validateJob: fromPromise<Validation, Attempt>(async () => null),
      recordJob: recordJob({ ...parts, queueLength: () => slots.waiting }),
      declineJob: declineJob(parts),
      holdSlot: holdSlot(slots, () => 0),
      watchDeadline: watchDeadline(clock),
      runInference: fromPromise<InferenceEnd, Attempt>(async ({ input }) => {
        executions.find(input)?.noteStart(undefined);
        executions.find(input)?.takeBody('an answer');
        return { outcome: 'completed', reason: null };
      }),
      signReceipt: signReceipt({ ...parts, agentVersion: '0.0.0' }),
      holdPlace: holdPlace(createOutboxWindow(lane.whenClear)),
      submitResult: fromPromise<void, Attempt>(async ({ input }) => {
        const { job: id, attempt } = input;
        setImmediate(() => acknowledge({ job: id, attempt }));
      }),
      watchOutbox: watchOutbox(clock),
      concludeJob: concludeJob(parts),
    },
  });

  const machine = setup({
    types: {} as { events: { type: 'order'; order: JobsOrder } | { type: string } },
    actors: { superviseJobs: superviseJobs({ ...parts, job, execTimeoutMs: () => 3_600_000 }) },
    actions: {
      pass: sendTo('jobs', ({ event }) => (event as { order: JobsOrder }).order),
      stay: () => undefined,
    },
  }).createMachine({
    invoke: { id: 'jobs', src: 'superviseJobs' },
    on: { order: { actions: 'pass' }, '*': { actions: 'stay' } },
  });
  const parent = createActor(machine).start();
  const order = (what: JobsOrder): void => parent.send({ type: 'order', order: what });
  acknowledge = (attempt) => order({ type: 'result.acknowledged', ...attempt, verdict: 'accepted' });

  const offer = (index: number): void => {
    intake.put({
      offer: offerOf(index),
      requestDigest: digestOf(`request ${index}`),
      bytes: 100,
      session: SESSION,
      receivedMs: clock.nowMs(),
      receivedMonotonicMs: clock.monotonicMs(),
    });
    order({ type: 'job.offered', ...attemptOf(index) });
  };

  /** Offers a range of jobs, some at once, and waits until the last is over. */
  const run = async (from: number, to: number): Promise<void> => {
    for (let next = from; next < to; next += AT_ONCE) {
      const wave = Array.from({ length: Math.min(AT_ONCE, to - next) }, (_, index) => next + index);
      for (const index of wave) offer(index);
      while (wave.some((index) => board.find(attemptOf(index)) !== undefined)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await journal.prune(clock.nowMs() + 48 * 3_600_000);
  };

  return { board, slots, intake, executions, journal, ids, run, stop: () => void parent.stop() };
};

let collectGarbage: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc') as () => void;
});
afterAll(() => setFlagsFromString('--no-expose-gc'));

const heapBytes = (): number => {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

test(`${JOBS} jobs leave nothing behind`, async () => {
  const { board, slots, intake, executions, journal, ids, run, stop } = supervised();
  await run(0, WARM_UP);
  const known = new Set(ids);
  const before = heapBytes();
  await run(WARM_UP, JOBS);
  const growth = (heapBytes() - before) / (JOBS - WARM_UP);

  const last = attemptOf(JOBS - 1);
  expect([board.load(), board.running(), slots.taken, slots.waiting]).toEqual([
    { busy: 0, outbox: 0 },
    [],
    0,
    0,
  ]);
  expect([intake.find(last), executions.find(last), journal.find(last)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(ids).toEqual(known);
  expect([...ids].sort()).toEqual(Array.from({ length: AT_ONCE }, (_, index) => `job-slot-${index}`));
  expect(growth).toBeLessThan(1_000);
  stop();
});
