// A model's surroundings for a walk, and what the network may rely on, written without its chart.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import { toFailure } from '../../../src/errors.js';
import type { ModelChanged, ModelInput, modelMachine } from '../../../src/machines/model-machine.js';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { oneAtATime, runsExactlyIn } from './expectations.js';
import { eitherError, lasting, passing } from './failures.js';

const input = (enabled: boolean): ModelInput => ({ id: 'm', digest: 'D-m', enabled });

const told = (rig: Rig): ModelChanged[] =>
  rig.sentToParent.filter(({ type }) => type === 'model.changed') as unknown as ModelChanged[];

export const modelWorld: WalkOptions<typeof modelMachine> = {
  withParent: true,
  inputs: [input(true), input(false)],
  payloads: {
    'xstate.done.actor.inspectModel': [{ output: true }, { output: false }],
    'runtime.ready': [{ models: ['D-m', 'D-n'] }, { models: ['D-n', 'm'] }],
    'runtime.givenUp': [{ failure: toFailure(lasting) }],
    'xstate.error.actor.inspectModel': eitherError,
    'xstate.error.actor.downloadModel': eitherError,
    'xstate.error.actor.verifyModel': eitherError,
    'xstate.error.actor.testModel': eitherError,
    'xstate.error.actor.removeModel': eitherError,
  },
  abstract: ({ enabled, failures, failure }) => [enabled, Math.min(failures, 2), failure !== null],
  invariants: {
    'one step is taken at a time': oneAtATime(
      'inspectModel',
      'downloadModel',
      'verifyModel',
      'testModel',
      'removeModel',
    ),
    'it is tested exactly while testing': runsExactlyIn('testModel', (at) => at.matches('testing')),
    'the node knows its state': ({ rig, snapshot }) => {
      if (snapshot.matches('removing')) return;
      const state = snapshot.matches('displaced') ? 'inactive' : snapshot.value;
      assert.equal(told(rig).at(-1)?.state, state);
    },
    'active means that the last test passed': ({ rig, snapshot }) => {
      const tests = rig.services.filter(({ src }) => src === 'testModel');
      if (snapshot.matches('active')) assert.equal(tests.at(-1)?.ended, 'done');
    },
    'a failure is told with its reason, and so is a Runtime that serves others': ({ rig, snapshot }) => {
      const last = told(rig).at(-1);
      const failed = last?.state === 'failed' ? snapshot.context.failure?.code.toLowerCase() : null;
      const isDisplaced = last?.state === 'inactive' && snapshot.context.enabled;
      assert.equal(last?.reason ?? null, isDisplaced ? 'runtime_taken' : failed);
    },
    'what is switched off rests, and only that': ({ snapshot }) => {
      const isOver = snapshot.matches('removing') || snapshot.matches('archived');
      if (!isOver) assert.equal(snapshot.matches('inactive'), !snapshot.context.enabled);
    },
    'the context survives JSON': contextSurvivesJson,
  },
};

type ModelSpecEvent = {
  type:
    | 'isThere'
    | 'isNotThere'
    | 'isDownloaded'
    | 'isVerified'
    | 'stepFails'
    | 'runtimeServesIt'
    | 'runtimeServesOthers'
    | 'runtimeGoes'
    | 'runtimeIsGivenUp'
    | 'runtimeIsTaken'
    | 'passesTest'
    | 'isRetested'
    | 'hoursPass'
    | 'isSwitchedOff'
    | 'isSwitchedOn'
    | 'isRetried'
    | 'isUnlisted'
    | 'isRemoved';
};

/** `proved` is what the network relies on: a test passed since the Runtime last became ready. */
export const modelSpec = setup({
  types: {} as { events: ModelSpecEvent; context: { proved: boolean } },
  actions: {
    prove: assign({ proved: true }),
    doubt: assign({ proved: false }),
    /** An event that must change nothing is one to perform; XState skips those without an action. */
    stay: assign({}),
  },
}).createMachine({
  context: { proved: false },
  initial: 'listed',
  states: {
    listed: {
      on: { isUnlisted: 'leaving' },
      initial: 'looking',
      states: {
        looking: {
          on: { isThere: 'waiting', isNotThere: 'fetching', stepFails: 'failed', isSwitchedOff: 'off' },
        },
        fetching: { on: { isDownloaded: 'checking', stepFails: 'failed', isSwitchedOff: 'off' } },
        checking: { on: { isVerified: 'waiting', stepFails: 'failed', isSwitchedOff: 'off' } },
        waiting: {
          on: {
            runtimeServesIt: 'testing',
            runtimeServesOthers: { actions: 'stay' },
            runtimeIsGivenUp: 'failed',
            runtimeIsTaken: 'aside',
            isSwitchedOff: 'off',
          },
        },
        testing: {
          on: {
            passesTest: { target: 'active', actions: 'prove' },
            stepFails: { target: 'failed', actions: 'doubt' },
            runtimeGoes: { target: 'waiting', actions: 'doubt' },
            isSwitchedOff: { target: 'off', actions: 'doubt' },
          },
        },
        active: {
          on: {
            runtimeGoes: { target: 'waiting', actions: 'doubt' },
            isRetested: 'testing',
            hoursPass: 'testing',
            isSwitchedOff: { target: 'off', actions: 'doubt' },
          },
        },
        failed: {
          on: { isRetried: 'looking', isRetested: 'looking', hoursPass: 'looking', isSwitchedOff: 'off' },
        },
        aside: {
          on: {
            isRetried: 'looking',
            runtimeServesIt: { actions: 'stay' },
            runtimeIsTaken: { actions: 'stay' },
            isSwitchedOff: 'off',
          },
        },
        off: { on: { isSwitchedOn: 'looking' } },
      },
    },
    leaving: { on: { isRemoved: 'gone', stepFails: 'gone', isUnlisted: { actions: 'stay' } } },
    gone: { type: 'final' },
  },
});

const SAYS: Readonly<Record<string, string>> = {
  absent: 'looking',
  downloading: 'fetching',
  verifying: 'checking',
  pending: 'waiting',
  displaced: 'aside',
  inactive: 'off',
  removing: 'leaving',
  archived: 'gone',
};

const onlyStep = (rig: Rig): string => rig.running()[0]?.id ?? 'none';

export const modelSpecOptions: SpecOptions<typeof modelSpec> = {
  withParent: true,
  input: input(true),
  perform: {
    isThere: (rig) => rig.finish('inspectModel', true),
    isNotThere: (rig) => rig.finish('inspectModel', false),
    isDownloaded: (rig) => rig.finish('downloadModel'),
    isVerified: (rig) => rig.finish('verifyModel'),
    stepFails: (rig) => rig.fail(onlyStep(rig), rig.snapshot.matches('verifying') ? lasting : passing),
    runtimeServesIt: (rig) => rig.send({ type: 'runtime.ready', models: ['D-m'] } as never),
    runtimeServesOthers: (rig) => rig.send({ type: 'runtime.ready', models: ['D-n', 'm'] } as never),
    runtimeGoes: (rig) => rig.send({ type: 'runtime.lost' }),
    runtimeIsGivenUp: (rig) => rig.send({ type: 'runtime.givenUp', failure: toFailure(lasting) } as never),
    runtimeIsTaken: (rig) => rig.send({ type: 'runtime.taken' }),
    passesTest: (rig) => rig.finish('testModel'),
    isRetested: (rig) => rig.send({ type: 'model.retested' }),
    hoursPass: (rig) => rig.elapse(6 * 3_600_000),
    isSwitchedOff: (rig) => rig.send({ type: 'model.disabled' }),
    isSwitchedOn: (rig) => rig.send({ type: 'model.enabled' }),
    isRetried: (rig) => rig.send({ type: 'model.retried' }),
    isUnlisted: (rig) => rig.send({ type: 'model.unlisted' }),
    isRemoved: (rig) => rig.finish('removeModel'),
  },
  shows: ({ snapshot }) => SAYS[String(snapshot.value)] ?? snapshot.value,
  says: ({ value }) => (typeof value === 'string' ? value : (value as { listed: string }).listed),
  check: (rig, { value, context }) => {
    const at = typeof value === 'string' ? value : (value as { listed: string }).listed;
    if (at === 'active') assert.ok(context.proved);
    const isWorking = ['looking', 'fetching', 'checking', 'testing', 'leaving'].includes(at);
    assert.equal(rig.running().length, isWorking ? 1 : 0);
    if (at === 'active' || at === 'gone' || at === 'off' || at === 'aside') {
      const state = { active: 'active', gone: 'archived', off: 'inactive', aside: 'inactive' }[at];
      assert.equal(told(rig).at(-1)?.state, state);
    }
  },
};
