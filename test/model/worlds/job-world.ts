// A job's surroundings for a walk, and what network and owner expect of an attempt, written without its chart.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import type { JobInput, JobResumption } from '../../../src/machines/job/job-events.js';
import type { jobMachine } from '../../../src/machines/job-machine.js';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { doneCount, oneAtATime, pathOf, runsExactlyIn } from './expectations.js';
import { eitherError, forgotten, lasting, passing } from './failures.js';

export const jobInput = (resumption: JobResumption): JobInput => ({
  job: 'j1',
  attempt: 1,
  resumption,
  model: 'm',
  endpoint: 'chat.completions',
  streamed: true,
  acceptedMs: 1_000,
  deadlineMs: 5_000,
  outboxUntilMs: 9_000,
});

const wasAccepted = (rig: Rig): boolean =>
  (rig.input as JobInput).resumption !== 'new' || doneCount(rig, 'recordJob') > 0;

export const jobWorld: WalkOptions<typeof jobMachine> = {
  withParent: true,
  inputs: [jobInput('new'), jobInput('unfinished'), jobInput('finished')],
  payloads: {
    'xstate.done.actor.validateJob': [{ output: null }, { output: { code: 'busy', param: null } }],
    'xstate.done.actor.runInference': [
      { output: { outcome: 'completed', reason: null } },
      { output: { outcome: 'runtime_crashed', reason: 'exit' } },
    ],
    'xstate.error.actor.validateJob': eitherError,
    'xstate.error.actor.recordJob': eitherError,
    'xstate.error.actor.runInference': eitherError,
    'xstate.error.actor.signReceipt': [...eitherError, { error: forgotten }],
    'xstate.error.actor.submitResult': eitherError,
    'xstate.error.actor.concludeJob': [...eitherError, { error: forgotten }],
    'xstate.error.actor.declineJob': eitherError,
    'job.cancelled': [{ reason: 'client' }],
    'job.interrupted': [{ reason: 'node_stopping' }],
    'result.acknowledged': [{ verdict: 'accepted' }, { verdict: 'superseded' }],
  },
  abstract: ({ resumption, isLate, decline, outcome, verdict, failure }) => [
    resumption,
    isLate,
    decline !== null,
    outcome !== null,
    verdict !== null,
    failure !== null,
  ],
  invariants: {
    'an engine request runs exactly while running': runsExactlyIn('runInference', (at) =>
      at.matches({ executing: 'running' }),
    ),
    'a slot is held exactly while executing': runsExactlyIn('holdSlot', (at) => at.matches('executing')),
    'the deadline is watched exactly while executing': runsExactlyIn('watchDeadline', (at) =>
      at.matches('executing'),
    ),
    'the outbox time is watched exactly while delivering': runsExactlyIn('watchOutbox', (at) =>
      at.matches('delivering'),
    ),
    'a place in the window is held exactly while sending': runsExactlyIn('holdPlace', (at) =>
      at.matches({ delivering: 'sending' }),
    ),
    'a result stands in line by its age, and as late if an earlier process left it': ({ rig, snapshot }) => {
      if (!snapshot.matches({ delivering: 'sending' })) return;
      const { resumption, acceptedMs } = rig.input as JobInput;
      const { isLate } = snapshot.context;
      assert.deepEqual(rig.running('holdPlace')[0]?.input, { acceptedMs, isLate });
      if (resumption !== 'new') assert.ok(isLate);
    },
    'one step is taken at a time': oneAtATime(
      'validateJob',
      'recordJob',
      'runInference',
      'signReceipt',
      'submitResult',
      'concludeJob',
      'declineJob',
    ),
    'nothing is signed twice': ({ rig }) => assert.ok(doneCount(rig, 'signReceipt') <= 1),
    'nothing runs that is not recorded, nothing is submitted that is not signed': ({ rig }) => {
      const started = (src: string) => rig.services.some((service) => service.src === src);
      if (started('runInference')) assert.ok(doneCount(rig, 'recordJob') === 1);
      if (started('submitResult')) assert.ok(doneCount(rig, 'signReceipt') === 1);
      // Not "submitted": a welcome may tell that the network has the result of an earlier process already.
      if (started('concludeJob')) assert.ok(doneCount(rig, 'signReceipt') === 1);
    },
    'an accepted attempt ends concluded or abandoned, any other declined': ({ rig, snapshot }) => {
      // Released: the node ends, and the journal goes on with it.
      if (snapshot.status !== 'done' || snapshot.value === 'released') return;
      const ends = wasAccepted(rig) ? ['concluded', 'abandoned'] : ['declined'];
      assert.ok(ends.includes(String(snapshot.value)), `${String(snapshot.value)} after acceptance`);
    },
    'it is released only by the end of the node': ({ snapshot, path }) => {
      if (snapshot.matches('released')) assert.equal(path.at(-1), 'job.released');
    },
    'an outcome is given to whoever signs': ({ rig, snapshot }) => {
      if (!snapshot.matches('signing') || snapshot.context.resumption === 'finished') return;
      assert.ok(snapshot.context.outcome);
      const { input } = rig.service('signReceipt') as { input: unknown };
      const { job, attempt, outcome, reason } = snapshot.context;
      assert.deepEqual(input, { job, attempt, outcome, reason });
    },
    'the context survives JSON': contextSurvivesJson,
  },
};

type JobSpecEvent = {
  type:
    | 'isValid'
    | 'isInvalid'
    | 'checkFails'
    | 'isJournalled'
    | 'journalFails'
    | 'getsSlot'
    | 'slotFails'
    | 'watchFails'
    | 'isAnswered'
    | 'engineFails'
    | 'deadlinePasses'
    | 'isCancelled'
    | 'nodeStops'
    | 'isSigned'
    | 'cannotSign'
    | 'recordIsLost'
    | 'secondPasses'
    | 'isHandedOver'
    | 'getsPlace'
    | 'placeFails'
    | 'hasNoLink'
    | 'linkOpens'
    | 'linkBreaks'
    | 'minutePasses'
    | 'isAcknowledged'
    | 'outboxExpires'
    | 'outboxFails'
    | 'isClosed'
    | 'cannotClose'
    | 'recordIsGone'
    | 'isTold'
    | 'cannotTell'
    | 'nodeEnds';
};

/** One attempt as network and owner see it. `ends` is what the receipt must say; `isLate` lets new results pass. */
export const jobSpec = setup({
  types: {} as { events: JobSpecEvent; context: { ends: string; isLate: boolean } },
  guards: { hasEnded: ({ context }) => context.ends !== '' },
  actions: {
    ends: assign((_, params: { as: string }) => ({ ends: params.as })),
    isLate: assign({ isLate: true }),
  },
}).createMachine({
  context: { ends: '', isLate: false },
  initial: 'offered',
  on: { nodeEnds: '.released' },
  states: {
    offered: {
      on: {
        isValid: 'accepting',
        isInvalid: 'refusing',
        checkFails: 'refusing',
        isCancelled: 'declined',
        nodeStops: 'refusing',
      },
    },
    accepting: {
      on: {
        isJournalled: [{ guard: 'hasEnded', target: 'ended' }, { target: 'waiting' }],
        journalFails: 'refusing',
        isCancelled: { actions: { type: 'ends', params: { as: 'cancelled' } } },
        nodeStops: { actions: { type: 'ends', params: { as: 'interrupted' } } },
      },
    },
    accepted: {
      on: {
        deadlinePasses: { target: 'ended', actions: { type: 'ends', params: { as: 'expired' } } },
        isCancelled: { target: 'ended', actions: { type: 'ends', params: { as: 'cancelled' } } },
        nodeStops: { target: 'ended', actions: { type: 'ends', params: { as: 'interrupted' } } },
        slotFails: { target: 'ended', actions: { type: 'ends', params: { as: 'internal' } } },
        watchFails: { target: 'ended', actions: { type: 'ends', params: { as: 'internal' } } },
      },
      initial: 'waiting',
      states: {
        waiting: { id: 'waiting', on: { getsSlot: 'working' } },
        working: {
          on: {
            isAnswered: { target: '#ended', actions: { type: 'ends', params: { as: 'completed' } } },
            engineFails: { target: '#ended', actions: { type: 'ends', params: { as: 'internal' } } },
          },
        },
      },
    },
    waiting: { always: 'accepted' },
    ended: { id: 'ended', on: { isSigned: 'outbox', cannotSign: 'unsigned', recordIsLost: 'abandoned' } },
    unsigned: { on: { secondPasses: 'ended' } },
    outbox: {
      on: { isAcknowledged: 'closing', outboxExpires: 'abandoned', outboxFails: 'abandoned' },
      initial: 'inLine',
      states: {
        inLine: { on: { getsPlace: 'sending', linkBreaks: 'kept', linkOpens: 'inLine', placeFails: 'kept' } },
        sending: {
          on: {
            isHandedOver: 'sent',
            hasNoLink: 'kept',
            linkBreaks: 'kept',
            linkOpens: 'inLine',
            placeFails: 'kept',
          },
        },
        sent: {
          on: { linkBreaks: 'kept', linkOpens: 'inLine', minutePasses: 'kept', placeFails: 'kept' },
        },
        kept: { entry: 'isLate', on: { linkOpens: 'inLine' } },
      },
    },
    closing: { on: { isClosed: 'concluded', cannotClose: 'closingLater', recordIsGone: 'concluded' } },
    closingLater: { on: { secondPasses: 'closing' } },
    refusing: { on: { isTold: 'declined', cannotTell: 'declined' } },
    concluded: { type: 'final' },
    abandoned: { type: 'final' },
    declined: { type: 'final' },
    released: { type: 'final' },
  },
});

const SAYS: Readonly<Record<string, string>> = {
  validating: 'offered',
  recording: 'accepting',
  'executing.queued': 'accepted.waiting',
  'executing.running': 'accepted.working',
  signing: 'ended',
  signingLater: 'unsigned',
  'delivering.sending.queued': 'outbox.inLine',
  'delivering.sending.submitting': 'outbox.sending',
  'delivering.sending.awaitingAck': 'outbox.sent',
  'delivering.waitingForLink': 'outbox.kept',
  concluding: 'closing',
  concludingLater: 'closingLater',
  declining: 'refusing',
};

export const jobSpecOptions: SpecOptions<typeof jobSpec> = {
  withParent: true,
  input: jobInput('new'),
  perform: {
    isValid: (rig) => rig.finish('validateJob', null),
    isInvalid: (rig) => rig.finish('validateJob', { code: 'input_too_large', param: 'messages' }),
    checkFails: (rig) => rig.fail('validateJob', lasting),
    isJournalled: (rig) => rig.finish('recordJob'),
    journalFails: (rig) => rig.fail('recordJob', passing),
    getsSlot: (rig) => rig.service('slot').sendBack({ type: 'slot.granted' }),
    slotFails: (rig) => rig.fail('slot'),
    watchFails: (rig) => rig.fail('deadline'),
    isAnswered: (rig) => rig.finish('runInference', { outcome: 'completed', reason: null }),
    engineFails: (rig) => rig.fail('runInference', passing),
    deadlinePasses: (rig) => rig.service('deadline').sendBack({ type: 'deadline.passed' }),
    isCancelled: (rig) => rig.send({ type: 'job.cancelled', reason: 'client' } as never),
    nodeStops: (rig) => rig.send({ type: 'job.interrupted', reason: 'node_stopping' } as never),
    isSigned: (rig) => rig.finish('signReceipt'),
    cannotSign: (rig) => rig.fail('signReceipt', passing),
    recordIsLost: (rig) => rig.fail('signReceipt', forgotten),
    recordIsGone: (rig) => rig.fail('concludeJob', forgotten),
    secondPasses: (rig) => rig.elapse(1_000),
    getsPlace: (rig) => rig.service('place').sendBack({ type: 'place.granted' }),
    placeFails: (rig) => rig.fail('place', passing),
    isHandedOver: (rig) => rig.finish('submitResult'),
    hasNoLink: (rig) => rig.fail('submitResult', passing),
    linkOpens: (rig) => rig.send({ type: 'link.opened' }),
    linkBreaks: (rig) => rig.send({ type: 'link.lost' }),
    minutePasses: (rig) => rig.elapse(60_000),
    isAcknowledged: (rig) => rig.send({ type: 'result.acknowledged', verdict: 'accepted' } as never),
    outboxExpires: (rig) => rig.service('outbox').sendBack({ type: 'outbox.expired' }),
    outboxFails: (rig) => rig.fail('outbox'),
    isClosed: (rig) => rig.finish('concludeJob'),
    cannotClose: (rig) => rig.fail('concludeJob', passing),
    nodeEnds: (rig) => rig.send({ type: 'job.released' }),
    isTold: (rig) => rig.finish('declineJob'),
    cannotTell: (rig) => rig.fail('declineJob', passing),
  },
  shows: ({ snapshot }) => {
    const at = pathOf(snapshot.value);
    return [SAYS[at] ?? at, snapshot.context.outcome ?? '', snapshot.context.isLate];
  },
  says: ({ value, context }) => [pathOf(value), context.ends, context.isLate],
  check: (rig, { value }) => {
    const at = pathOf(value);
    assert.equal(rig.running('runInference').length, at === 'accepted.working' ? 1 : 0);
    assert.equal(rig.running('holdSlot').length, at.startsWith('accepted') ? 1 : 0);
    assert.equal(rig.running('watchDeadline').length, at.startsWith('accepted') ? 1 : 0);
    assert.equal(rig.running('watchOutbox').length, at.startsWith('outbox') ? 1 : 0);
    assert.equal(rig.running('holdPlace').length, /^outbox\.(inLine|sending|sent)$/.test(at) ? 1 : 0);
    if (at === 'released') assert.equal(rig.running().length, 0);
    assert.ok(doneCount(rig, 'signReceipt') <= 1);
  },
};
