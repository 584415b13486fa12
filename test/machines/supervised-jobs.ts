// The supervisor of jobs with everything real below it but the engine and the network's end of the socket.
import { pino } from 'pino';
import { createActor, fromPromise, sendTo, setup } from 'xstate';
import { CONFIG, NETWORK, NODE, ROOT, SESSION } from '../../scripts/vectors/samples.js';
import { systemClock } from '../../src/adapters/host/clock.js';
import type { JobJournal } from '../../src/adapters/journal/job-journal.js';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import {
  type MemoryConnection,
  MemoryNetworkSockets,
} from '../../src/adapters/network-socket/memory-network-sockets.js';
import type { Attempt, InferenceEnd, Validation } from '../../src/machines/job/job-events.js';
import { jobMachine } from '../../src/machines/job-machine.js';
import type { JobsOrder } from '../../src/machines/node/node-events.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { signAsNode } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { parseMessage } from '../../src/protocol/message-codec.js';
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
import { createServingFigures } from '../../src/services/serving-figures.js';
import { signReceipt } from '../../src/services/sign-receipt.js';
import { createSlots } from '../../src/services/slots.js';
import { submitResult } from '../../src/services/submit-result.js';
import { superviseJobs } from '../../src/services/supervise-jobs.js';
import { watchDeadline, watchOutbox } from '../../src/services/watch-deadline.js';
import { timeToldBy } from '../services/rig.js';

export const attemptOf = (index: number): Attempt => ({
  job: `01JGFJJZ00TESTTEST${String(index).padStart(8, '0')}`,
  attempt: 1,
});

export const offerOf = (index: number): JobOffer => ({
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

export interface SupervisedOptions {
  readonly atOnce: number;
  readonly journal?: JobJournal;
  /** Resolves when the engine has answered. Default: at once. */
  readonly answer?: (attempt: Attempt) => Promise<void>;
  readonly validate?: (attempt: Attempt) => Promise<Validation>;
  /** Takes the place of the lane. */
  readonly submit?: (attempt: Attempt) => void;
}

/** A turn of the event loop: promises and what is due `soon` have run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const superviseForTest = (options: SupervisedOptions) => {
  const { atOnce, journal = createMemoryJournal(), submit } = options;
  const logger = pino({ level: 'silent' });
  const clock = systemClock;
  const membership = createMembership();
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
  const slots = createSlots(atOnce / 2);
  const board = createJobBoard({
    lane,
    slots,
    queueMax: () => atOnce,
    monotonicMs: () => clock.monotonicMs(),
  });
  const executions = createExecutions(() => clock.monotonicMs());
  const config = createConfigInForce();
  config.adopt({ snapshot: CONFIG, digest: digestOf('config'), document: Buffer.alloc(0) });
  const outboxMs = (): number => 60_000;
  const time = timeToldBy(clock);
  const figures = createServingFigures();
  const parts = {
    membership,
    intake,
    lane,
    board,
    executions,
    figures,
    config,
    clock,
    time,
    logger,
    outboxMs,
  };

  const job = jobMachine.provide({
    actors: {
      validateJob: fromPromise<Validation, Attempt>(
        async ({ input }) => (await options.validate?.(input)) ?? null,
      ),
      recordJob: recordJob({ ...parts, queueLength: () => slots.waiting }),
      declineJob: declineJob(parts),
      holdSlot: holdSlot(slots, () => 0),
      watchDeadline: watchDeadline(clock),
      runInference: fromPromise<InferenceEnd, Attempt>(async ({ input }) => {
        executions.find(input)?.noteStart(undefined);
        await options.answer?.(input);
        executions.find(input)?.takeBody('an answer');
        return { outcome: 'completed', reason: null };
      }),
      signReceipt: signReceipt({ ...parts, agentVersion: '0.0.0' }),
      holdPlace: holdPlace(createOutboxWindow(lane.whenClear)),
      submitResult:
        submit === undefined
          ? submitResult(parts)
          : fromPromise<void, Attempt>(async ({ input }) =>
              submit({ job: input.job, attempt: input.attempt }),
            ),
      watchOutbox: watchOutbox(time),
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

  const sockets = new MemoryNetworkSockets();
  const handlers = { opened: () => undefined, message: () => undefined, closed: () => undefined };
  let sessions = 0;

  return {
    board,
    slots,
    intake,
    executions,
    figures,
    journal,
    lane,
    order,
    offer: (index: number, change: Partial<JobOffer> = {}): void => {
      intake.put({
        offer: { ...offerOf(index), ...change },
        requestDigest: digestOf(`request ${index}`),
        bytes: 100,
        session: SESSION,
        receivedMs: clock.nowMs(),
        receivedMonotonicMs: clock.monotonicMs(),
      });
      order({
        type: 'job.offered',
        ...attemptOf(index),
        ...(change.attempt === undefined ? {} : { attempt: change.attempt }),
      });
    },
    acknowledge: (attempt: Attempt): void =>
      order({ type: 'result.acknowledged', ...attempt, verdict: 'accepted' }),
    /**
     * A session begins.
     * @param atLine called with the network's end of its socket before anything is sent
     */
    connect: (atLine: (line: MemoryConnection) => void = () => undefined): void => {
      const socket = sockets.dial('wss://network.example/', new AbortController().signal, handlers);
      const session = bytes32Of(`session ${sessions++}`);
      atLine(sockets.last);
      lane.attach({ socket, session, firstSeq: 1, sign: signAsNode(NETWORK, NODE) });
      order({ type: 'link.opened' });
    },
    disconnect: (): void => {
      lane.detach();
      order({ type: 'link.lost' });
    },
    /** What the node has said in the newest session. */
    said: () =>
      sockets.last.sent.map((bytes) => parseMessage(decodeFrame(bytes, LIMITS.resultBytes), 'node')),
    stop: (): void => void parent.stop(),
  };
};
