// The Runtime's surroundings for a walk: what may happen to it, and what must hold whatever happens.
import assert from 'node:assert/strict';
import type { Failure } from '../../../src/errors.js';
import type { Judgement } from '../../../src/machines/runtime/runtime-events.js';
import type { runtimeMachine } from '../../../src/machines/runtime-machine.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { oneAtATime, pathOf, runsExactlyIn } from './expectations.js';
import { eitherError } from './failures.js';

export const specOf = (specHash: string) => ({ specHash, models: [specHash] });

export const ended: Failure = { code: 'ENDED', message: 'it ended', retryable: true };

/** Judgements as the record of failures gives them. */
export const judged = (change: Partial<Judgement> = {}): Judgement => ({
  failures: 1,
  isQuarantined: false,
  waitMs: 0,
  retryAtMs: null,
  failure: ended,
  ...change,
});
export const waiting = judged({ waitMs: 5_000, retryAtMs: 5_000 });
export const quarantined = judged({ isQuarantined: true });

/** An engine that may run is stopped before the next start, and before nothing is said to run. */
export const engineIsStoppedInTime = (rig: Rig, mayRun: boolean): void => {
  let isMaybeUp = false;
  for (const { src, ended: end } of rig.services) {
    if (src === 'startRuntime') {
      assert.ok(!isMaybeUp, 'a start over an engine that may still run');
      isMaybeUp = true;
    }
    if (src === 'stopRuntime' && end === 'done') isMaybeUp = false;
  }
  if (!mayRun) assert.ok(!isMaybeUp, 'an engine may still run');
};

const MAY_RUN = /^(live|stopping|stoppingLater|leaving|gone)/;

/** Each failed step and each end of an engine is recorded before anything is prepared or started again. */
const failuresAreRecorded = (rig: Rig): void => {
  let isOwed = false;
  for (const { src, ended: end } of rig.services) {
    if (src === 'recordFailure') isOwed = false;
    if (['prepareRuntime', 'startRuntime'].includes(src)) {
      assert.ok(!isOwed, `${src} before the failure was recorded`);
    }
    if (['prepareRuntime', 'startRuntime', 'warmRuntime'].includes(src) && end === 'failed') isOwed = true;
  }
};

const STEPS = {
  recallFailures: 'spec',
  recordFailure: 'spec',
  prepareRuntime: 'spec',
  startRuntime: 'spec',
  warmRuntime: 'spec',
  watchRuntime: 'spec',
  prepareNext: 'wanted',
} as const;

export const runtimeWorld: WalkOptions<typeof runtimeMachine> = {
  inputs: [undefined, { proven: specOf('a') }],
  payloads: {
    'runtime.specified': [{ spec: specOf('a') }, { spec: specOf('b') }],
    'runtime.exited': [{ failure: ended }],
    'runtime.doubted': [{ reason: 'no answer' }],
    'runtime.condemned': [{ failure: ended }],
    'xstate.done.actor.recallFailures': [
      { output: judged({ failures: 0, failure: null }) },
      { output: waiting },
      { output: quarantined },
    ],
    'xstate.done.actor.recordFailure': [
      { output: waiting },
      { output: judged({ failures: 2 }) },
      { output: quarantined },
    ],
    'xstate.error.actor.prepareRuntime': eitherError,
    'xstate.error.actor.prepareNext': eitherError,
    'xstate.error.actor.startRuntime': eitherError,
    'xstate.error.actor.warmRuntime': eitherError,
    'xstate.error.actor.stopRuntime': eitherError,
    'xstate.error.actor.clearLeftovers': eitherError,
  },
  // Which spec it is matters less than how it stands to the wanted one.
  abstract: ({ wanted, spec, proven, rejected, next, fault }) => [
    wanted === null,
    spec && spec.specHash === wanted?.specHash,
    proven && [proven.specHash === wanted?.specHash, proven.specHash === spec?.specHash],
    rejected !== null,
    next.isPrepared,
    next.failures > 0,
    fault !== null,
  ],
  invariants: {
    'the engine is watched exactly while it may run on its own': runsExactlyIn('watchRuntime', (at) =>
      at.matches('live'),
    ),
    'one step is taken at a time': oneAtATime(
      'recallFailures',
      'recordFailure',
      'forgetFailures',
      'prepareRuntime',
      'prepareNext',
      'startRuntime',
      'warmRuntime',
      'stopRuntime',
      'clearLeftovers',
    ),
    'an engine is stopped before the next start': ({ rig, snapshot }) =>
      engineIsStoppedInTime(rig, MAY_RUN.test(pathOf(snapshot.value))),
    'a failure is recorded before the next start': ({ rig }) => failuresAreRecorded(rig),
    'only a wanted spec is prepared, waited for or given up': ({ snapshot }) => {
      const { wanted, spec } = snapshot.context;
      if (/^(recalling|preparing|backingOff|quarantined|pardoning)/.test(pathOf(snapshot.value))) {
        assert.ok(wanted);
        assert.ok(spec);
      }
      if (snapshot.matches('absent')) assert.deepEqual([wanted, spec], [null, null]);
    },
    'what an earlier Agent left is ended while nothing else is begun': ({ rig, snapshot }) => {
      if (rig.running('clearLeftovers').length > 0) assert.equal(snapshot.context.spec, null);
    },
    'each step is about the spec it is said to be about': ({ rig, snapshot }) => {
      for (const [src, whose] of Object.entries(STEPS)) {
        for (const { input } of rig.running(src)) {
          const { specHash } = input as { specHash: string };
          assert.equal(specHash, snapshot.context[whose]?.specHash);
        }
      }
    },
    'another than the wanted one is started only because it has proved itself': ({ rig, snapshot }) => {
      const { wanted, spec, proven } = snapshot.context;
      if (rig.running('startRuntime').length === 0) return;
      assert.ok(spec?.specHash === wanted?.specHash || spec?.specHash === proven?.specHash);
    },
    'what was given up is not prepared while it is': ({ rig, snapshot }) => {
      for (const src of ['prepareRuntime', 'prepareNext']) {
        for (const { input } of rig.running(src)) {
          assert.notEqual((input as { specHash: string }).specHash, snapshot.context.rejected?.specHash);
        }
      }
    },
    'a time is named exactly while a start is waited for': ({ snapshot }) => {
      if (snapshot.context.retryAtMs !== null) assert.ok(snapshot.matches('backingOff'));
    },
    'the context survives JSON': contextSurvivesJson,
  },
};
