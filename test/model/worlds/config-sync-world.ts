// A configuration sync's surroundings for a walk, and what the protocol expects of it, written without its chart.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import { toFailure } from '../../../src/errors.js';
import type { ConfigSyncInput, configSyncMachine } from '../../../src/machines/config-sync-machine.js';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { doneCount, oneAtATime } from './expectations.js';
import { eitherError, lasting, passing } from './failures.js';

const held = { version: 1, digest: 'A' };
const wanted = { version: 2, digest: 'B' };
const other = { version: 3, digest: 'C' };
const planFor = (config: ConfigSyncInput['wanted']) => ({
  config,
  models: [{ id: 'm', digest: `${config.digest}-m`, enabled: true }],
});

const inForce = (rig: Rig): unknown[] =>
  rig.sentToParent
    .filter(({ type }) => type === 'config.inForce')
    .map((event) => (event as unknown as { plan: ReturnType<typeof planFor> }).plan.config.digest);

/** The digests a service was given, oldest first. */
const given = (rig: Rig, src: string): unknown[] =>
  rig.services.filter((one) => one.src === src).map(({ input }) => (input as { digest: string }).digest);

export const configSyncWorld: WalkOptions<typeof configSyncMachine> = {
  withParent: true,
  inputs: [
    { held: null, wanted },
    { held, wanted },
    { held: wanted, wanted },
  ],
  payloads: {
    'xstate.done.actor.fetchConfig': [{ output: 'unchanged' }, { output: wanted }, { output: other }],
    'xstate.done.actor.verifyConfig': ({ context }) => [{ output: context.fetched }],
    'xstate.done.actor.planConfig': ({ context }) => [{ output: planFor(context.fetched) }],
    'xstate.done.actor.rollBackConfig': [{ output: planFor(held) }],
    'config.disproved': [{ failure: null }, { failure: toFailure(lasting) }],
    'xstate.error.actor.fetchConfig': eitherError,
    'xstate.error.actor.verifyConfig': eitherError,
    'xstate.error.actor.planConfig': eitherError,
    'xstate.error.actor.applyConfig': eitherError,
    'xstate.error.actor.rollBackConfig': eitherError,
  },
  abstract: (context) => [
    context.held?.digest,
    context.wanted.digest,
    context.fetched?.digest,
    context.superseded,
    context.plan?.config.digest,
    Math.min(context.failures, 5),
    context.failure !== null,
    context.outcome,
  ],
  invariants: {
    'one step is taken at a time': oneAtATime(
      'fetchConfig',
      'verifyConfig',
      'planConfig',
      'applyConfig',
      'rollBackConfig',
    ),
    'what is applied was verified and planned, and it is the same': ({ rig }) => {
      const applied = given(rig, 'applyConfig');
      assert.ok(applied.length <= 1);
      if (applied.length === 0) return;
      assert.equal(doneCount(rig, 'verifyConfig'), 1);
      assert.equal(doneCount(rig, 'planConfig'), 1);
      assert.deepEqual(applied, given(rig, 'verifyConfig'));
      assert.deepEqual(applied, given(rig, 'planConfig'));
    },
    'the node hears of a plan once it is in force, and again when the old one is back': ({
      rig,
      snapshot,
    }) => {
      const expected = [
        ...(doneCount(rig, 'applyConfig') > 0 ? [snapshot.context.fetched?.digest] : []),
        ...(doneCount(rig, 'rollBackConfig') > 0 ? ['A'] : []),
      ];
      assert.deepEqual(inForce(rig), expected);
    },
    'what is in force is not fetched': ({ rig, snapshot }) => {
      const { held: before, wanted: asked } = snapshot.context;
      if (before?.digest === asked.digest) assert.equal(rig.services.length, 0);
    },
    'the outcome says what is in force': ({ rig, snapshot }) => {
      const { outcome } = snapshot.context;
      assert.equal(outcome !== null, snapshot.status === 'done');
      if (outcome === null) return;
      const isApplied = doneCount(rig, 'applyConfig') > 0;
      const isBack = doneCount(rig, 'rollBackConfig') > 0;
      const says = isBack
        ? ['rolled_back']
        : isApplied
          ? ['applied']
          : ['unchanged', 'unreachable', 'rejected'];
      assert.ok(says.includes(outcome), `${outcome}, applied ${isApplied}, back ${isBack}`);
    },
    'a refusal and a rollback have a reason': ({ snapshot }) => {
      const { outcome, failure } = snapshot.context;
      if (outcome === 'rejected' || outcome === 'rolled_back') assert.ok(failure);
    },
    'the context survives JSON': contextSurvivesJson,
  },
};

type SyncSpecEvent = {
  type:
    | 'arrives'
    | 'isTheSame'
    | 'isNotReachable'
    | 'isRefused'
    | 'pauseEnds'
    | 'isGenuine'
    | 'isForged'
    | 'isPlanned'
    | 'hasNoPlan'
    | 'isOnDisk'
    | 'diskFails'
    | 'aModelServes'
    | 'noModelServes'
    | 'oldIsBack'
    | 'oldIsGone'
    | 'anotherIsWanted';
};

/** Six attempts at most to fetch; checked before planned, planned before applied; kept only if a model serves. */
export const configSyncSpec = setup({
  types: {} as { events: SyncSpecEvent; context: { tries: number; late: boolean } },
  guards: {
    mayTryAgain: ({ context }) => context.tries < 5,
    isLate: ({ context }) => context.late,
  },
  actions: {
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    noteLate: assign({ late: true }),
  },
}).createMachine({
  context: { tries: 0, late: false },
  initial: 'fetching',
  states: {
    fetching: {
      on: {
        arrives: 'checking',
        isTheSame: 'unchanged',
        isNotReachable: [
          { guard: 'mayTryAgain', target: 'pausing', actions: 'countTry' },
          { target: 'unreachable' },
        ],
        isRefused: 'rejected',
        anotherIsWanted: 'unreachable',
      },
    },
    pausing: { on: { pauseEnds: 'fetching', anotherIsWanted: 'unreachable' } },
    checking: {
      on: { isGenuine: 'planning', isForged: 'rejected', anotherIsWanted: { actions: 'noteLate' } },
    },
    planning: {
      on: { isPlanned: 'applying', hasNoPlan: 'rejected', anotherIsWanted: { actions: 'noteLate' } },
    },
    applying: {
      on: {
        isOnDisk: [{ guard: 'isLate', target: 'applied' }, { target: 'proving' }],
        diskFails: 'rejected',
        anotherIsWanted: { actions: 'noteLate' },
      },
    },
    proving: { on: { aModelServes: 'applied', noModelServes: 'returning', anotherIsWanted: 'applied' } },
    returning: { on: { oldIsBack: 'rolled_back', oldIsGone: 'applied' } },
    unchanged: { type: 'final' },
    unreachable: { type: 'final' },
    rejected: { type: 'final' },
    applied: { type: 'final' },
    rolled_back: { type: 'final' },
  },
});

const SAYS: Readonly<Record<string, string>> = {
  waiting: 'pausing',
  verifying: 'checking',
  rollingBack: 'returning',
  rolledBack: 'rolled_back',
};

export const configSyncSpecOptions: SpecOptions<typeof configSyncSpec> = {
  withParent: true,
  input: { held, wanted },
  perform: {
    arrives: (rig) => rig.finish('fetchConfig', wanted),
    isTheSame: (rig) => rig.finish('fetchConfig', 'unchanged'),
    isNotReachable: (rig) => rig.fail('fetchConfig', passing),
    isRefused: (rig) => rig.fail('fetchConfig', lasting),
    pauseEnds: (rig) => rig.elapse(60_000),
    isGenuine: (rig) => rig.finish('verifyConfig', wanted),
    isForged: (rig) => rig.fail('verifyConfig', lasting),
    isPlanned: (rig) => rig.finish('planConfig', planFor(wanted)),
    hasNoPlan: (rig) => rig.fail('planConfig', lasting),
    isOnDisk: (rig) => rig.finish('applyConfig'),
    diskFails: (rig) => rig.fail('applyConfig', passing),
    aModelServes: (rig) => rig.send({ type: 'config.proved' }),
    noModelServes: (rig) => rig.send({ type: 'config.disproved', failure: null } as never),
    oldIsBack: (rig) => rig.finish('rollBackConfig', planFor(held)),
    oldIsGone: (rig) => rig.fail('rollBackConfig', lasting),
    anotherIsWanted: (rig) => rig.send({ type: 'config.superseded' }),
  },
  shows: ({ snapshot }) => {
    const at = String(snapshot.value);
    return [SAYS[at] ?? at, snapshot.context.outcome];
  },
  says: ({ value, status }) => [value, status === 'done' ? value : null],
  check: (rig, { value, status }) => {
    const isApplied = ['proving', 'returning', 'applied', 'rolled_back'].includes(String(value));
    assert.equal(doneCount(rig, 'applyConfig'), isApplied ? 1 : 0);
    assert.deepEqual(inForce(rig), isApplied ? (value === 'rolled_back' ? ['B', 'A'] : ['B']) : []);
    if (status === 'done') assert.equal(rig.running().length, 0);
  },
};
