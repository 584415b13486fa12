// The Runtime's surroundings for a walk, and what the owner of the GPU expects, written without its chart.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import { QUARANTINE_AFTER, type runtimeMachine } from '../../../src/machines/runtime-machine.js';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { oneAtATime, pathOf, runsExactlyIn } from './expectations.js';
import { eitherError, passing } from './failures.js';

const specOf = (specHash: string) => ({ specHash, models: [specHash] });

/** An engine that may run is stopped before the next start, and before nothing is said to run. */
const engineIsStoppedInTime = (rig: Rig, mayRun: boolean): void => {
  let isMaybeUp = false;
  for (const { src, ended } of rig.services) {
    if (src === 'startRuntime') {
      assert.ok(!isMaybeUp, 'a start over an engine that may still run');
      isMaybeUp = true;
    }
    if (src === 'stopRuntime' && ended === 'done') isMaybeUp = false;
  }
  if (!mayRun) assert.ok(!isMaybeUp, 'an engine may still run');
};

const MAY_RUN = /^(live|stopping|stoppingLater|leaving|gone)/;

export const runtimeWorld: WalkOptions<typeof runtimeMachine> = {
  payloads: {
    'runtime.specified': [{ spec: specOf('a') }, { spec: specOf('b') }],
    'runtime.exited': [{ code: 1, signal: null }],
    'runtime.doubted': [{ reason: 'no answer' }],
    'runtime.condemned': [{ reason: 'stalled' }],
    'xstate.error.actor.prepareRuntime': eitherError,
    'xstate.error.actor.startRuntime': eitherError,
    'xstate.error.actor.warmRuntime': eitherError,
    'xstate.error.actor.stopRuntime': eitherError,
  },
  abstract: ({ spec, failures, faulted, failure }) => [
    spec?.specHash,
    Math.min(failures, QUARANTINE_AFTER),
    faulted,
    failure !== null,
  ],
  pairs: false,
  invariants: {
    'the engine is watched exactly while it may run on its own': runsExactlyIn('watchRuntime', (at) =>
      at.matches('live'),
    ),
    'one step is taken at a time': oneAtATime('prepareRuntime', 'startRuntime', 'warmRuntime', 'stopRuntime'),
    'an engine is stopped before the next start': ({ rig, snapshot }) =>
      engineIsStoppedInTime(rig, MAY_RUN.test(pathOf(snapshot.value))),
    'only a wanted spec is prepared or backed off from': ({ snapshot }) => {
      if (['preparing', 'backingOff', 'quarantined'].some((state) => snapshot.matches(state as never))) {
        assert.ok(snapshot.context.spec);
      }
      if (snapshot.matches('absent')) assert.equal(snapshot.context.spec, null);
    },
    'what is prepared and started is what is wanted': ({ rig, snapshot }) => {
      for (const src of ['prepareRuntime', 'startRuntime', 'warmRuntime']) {
        for (const { input } of rig.running(src)) {
          assert.deepEqual(input, { specHash: snapshot.context.spec?.specHash });
        }
      }
    },
    'it is quarantined exactly when its failures are spent': ({ snapshot }) => {
      const isSpent = snapshot.context.failures >= QUARANTINE_AFTER;
      if (snapshot.matches('quarantined')) assert.ok(isSpent);
      if (snapshot.matches('backingOff')) assert.ok(!isSpent);
    },
    'the context survives JSON': contextSurvivesJson,
  },
};

type RuntimeSpecEvent = {
  type:
    | 'wantA'
    | 'wantB'
    | 'wantNone'
    | 'isPrepared'
    | 'isStarted'
    | 'isWarm'
    | 'stepFails'
    | 'ends'
    | 'isDoubted'
    | 'isTrusted'
    | 'isCondemned'
    | 'watchFails'
    | 'limitPasses'
    | 'isDrained'
    | 'isStopped'
    | 'willNotStop'
    | 'pauseEnds'
    | 'isRetried'
    | 'leaves';
};

type Want = 'a' | 'b' | null;

/**
 * The engine as the owner of the GPU sees it. Whether a pause follows a failure, and when it is given up on, is counted
 * per spec; behind `up` stands an engine that may hold the GPU.
 */
export const runtimeSpec = setup({
  types: {} as {
    events: RuntimeSpecEvent;
    context: { want: Want; failures: number; failed: boolean };
  },
  guards: {
    wantsOther: ({ context }, params: { want: Want }) => params.want !== context.want,
    isGivenUp: ({ context }) =>
      context.failed && context.want !== null && context.failures >= QUARANTINE_AFTER,
    hasFailed: ({ context }) => context.failed && context.want !== null,
    wantsSome: ({ context }) => context.want !== null,
    isLastTry: ({ context }) => context.failures + 1 >= QUARANTINE_AFTER,
  },
  actions: {
    want: assign((_, params: { want: Want }) => ({ want: params.want })),
    wantAnew: assign((_, params: { want: Want }) => ({ want: params.want, failures: 0 })),
    fail: assign(({ context }) => ({ failures: context.failures + 1, failed: true })),
    clear: assign({ failed: false }),
    forgive: assign({ failures: 0 }),
    /** An event that must change nothing is one to perform; XState skips those without an action. */
    stay: assign({}),
  },
}).createMachine({
  context: { want: null, failures: 0, failed: false },
  initial: 'none',
  on: { leaves: '.leaving' },
  states: {
    none: {
      entry: 'clear',
      on: {
        wantA: { target: 'preparing', actions: { type: 'want', params: { want: 'a' } } },
        wantB: { target: 'preparing', actions: { type: 'want', params: { want: 'b' } } },
      },
    },
    preparing: {
      entry: 'clear',
      on: {
        wantA: {
          guard: { type: 'wantsOther', params: { want: 'a' } },
          actions: { type: 'wantAnew', params: { want: 'a' } },
        },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          actions: { type: 'wantAnew', params: { want: 'b' } },
        },
        wantNone: { target: 'none', actions: { type: 'want', params: { want: null } } },
        isPrepared: 'up',
        stepFails: [
          { guard: 'isLastTry', target: 'givenUp', actions: 'fail' },
          { target: 'pausing', actions: 'fail' },
        ],
      },
    },
    up: {
      on: {
        ends: { target: 'stopping', actions: 'fail' },
        isCondemned: { target: 'stopping', actions: 'fail' },
        watchFails: { target: 'stopping', actions: 'fail' },
        wantA: {
          guard: { type: 'wantsOther', params: { want: 'a' } },
          target: 'stopping',
          actions: { type: 'wantAnew', params: { want: 'a' } },
        },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          target: 'stopping',
          actions: { type: 'wantAnew', params: { want: 'b' } },
        },
        wantNone: { target: 'stopping', actions: { type: 'want', params: { want: null } } },
      },
      initial: 'starting',
      states: {
        starting: { on: { isStarted: 'warming', stepFails: { target: '#stopping', actions: 'fail' } } },
        warming: {
          on: {
            isWarm: 'serving',
            stepFails: { target: '#stopping', actions: 'fail' },
            limitPasses: { target: '#stopping', actions: 'fail' },
          },
        },
        serving: {
          on: {
            isDoubted: 'doubted',
            wantA: [
              {
                guard: { type: 'wantsOther', params: { want: 'a' } },
                target: 'draining',
                actions: { type: 'wantAnew', params: { want: 'a' } },
              },
              { actions: 'stay' },
            ],
            wantB: [
              {
                guard: { type: 'wantsOther', params: { want: 'b' } },
                target: 'draining',
                actions: { type: 'wantAnew', params: { want: 'b' } },
              },
              { actions: 'stay' },
            ],
            wantNone: { target: 'draining', actions: { type: 'want', params: { want: null } } },
          },
        },
        doubted: {
          on: { isTrusted: 'serving', limitPasses: { target: '#stopping', actions: 'fail' } },
        },
        draining: {
          on: {
            isDrained: '#stopping',
            limitPasses: '#stopping',
            wantA: {
              guard: { type: 'wantsOther', params: { want: 'a' } },
              actions: { type: 'wantAnew', params: { want: 'a' } },
            },
            wantB: {
              guard: { type: 'wantsOther', params: { want: 'b' } },
              actions: { type: 'wantAnew', params: { want: 'b' } },
            },
            wantNone: { actions: { type: 'want', params: { want: null } } },
          },
        },
      },
    },
    stopping: {
      id: 'stopping',
      on: {
        isStopped: [
          { guard: 'isGivenUp', target: 'givenUp' },
          { guard: 'hasFailed', target: 'pausing' },
          { guard: 'wantsSome', target: 'preparing' },
          { target: 'none' },
        ],
        willNotStop: { target: 'stuck', actions: 'fail' },
        wantA: {
          guard: { type: 'wantsOther', params: { want: 'a' } },
          actions: [{ type: 'wantAnew', params: { want: 'a' } }, 'clear'],
        },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          actions: [{ type: 'wantAnew', params: { want: 'b' } }, 'clear'],
        },
        wantNone: { actions: { type: 'want', params: { want: null } } },
      },
    },
    stuck: {
      on: {
        pauseEnds: 'stopping',
        wantA: {
          guard: { type: 'wantsOther', params: { want: 'a' } },
          actions: [{ type: 'wantAnew', params: { want: 'a' } }, 'clear'],
        },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          actions: [{ type: 'wantAnew', params: { want: 'b' } }, 'clear'],
        },
        wantNone: { actions: { type: 'want', params: { want: null } } },
      },
    },
    pausing: {
      on: {
        pauseEnds: 'preparing',
        wantA: {
          guard: { type: 'wantsOther', params: { want: 'a' } },
          target: 'preparing',
          actions: { type: 'wantAnew', params: { want: 'a' } },
        },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          target: 'preparing',
          actions: { type: 'wantAnew', params: { want: 'b' } },
        },
        wantNone: { target: 'none', actions: { type: 'want', params: { want: null } } },
      },
    },
    givenUp: {
      on: {
        isRetried: { target: 'preparing', actions: 'forgive' },
        wantNone: { target: 'none', actions: ['forgive', { type: 'want', params: { want: null } }] },
        wantB: {
          guard: { type: 'wantsOther', params: { want: 'b' } },
          target: 'preparing',
          actions: { type: 'wantAnew', params: { want: 'b' } },
        },
      },
    },
    leaving: { on: { isStopped: 'gone', willNotStop: 'gone', leaves: { actions: 'stay' } } },
    gone: { type: 'final' },
  },
});

const SAYS: Readonly<Record<string, string>> = {
  absent: 'none',
  'live.starting': 'up.starting',
  'live.warming': 'up.warming',
  'live.ready': 'up.serving',
  'live.suspect': 'up.doubted',
  'live.draining': 'up.draining',
  stoppingLater: 'stuck',
  backingOff: 'pausing',
  quarantined: 'givenUp',
};

const want = (spec: string) => (rig: Rig) =>
  rig.send({ type: 'runtime.specified', spec: specOf(spec) } as never);

const STEPS = ['prepareRuntime', 'startRuntime', 'warmRuntime', 'stopRuntime'];
const currentStep = (rig: Rig): string =>
  rig.running().find(({ src }) => STEPS.includes(src))?.id ?? 'no step';

/** Beyond the first failure only what leads to being given up on, and what happens then: all else was seen before. */
const LATER = new Set(['stepFails', 'pauseEnds', 'isRetried', 'wantB', 'wantNone', 'leaves']);

export const runtimeSpecOptions: SpecOptions<typeof runtimeSpec> = {
  explore: ({ context, value }, { type }) => {
    if (type === 'wantA') return context.failures === 0;
    if (context.failures <= 1) return type !== 'willNotStop' || context.failures === 0;
    return LATER.has(type) && (type !== 'wantB' || value === 'givenUp');
  },
  perform: {
    wantA: want('a'),
    wantB: want('b'),
    wantNone: (rig) => rig.send({ type: 'runtime.released' }),
    isPrepared: (rig) => rig.finish('prepareRuntime'),
    isStarted: (rig) => rig.finish('startRuntime'),
    isWarm: (rig) => rig.finish('warmRuntime'),
    stepFails: (rig) => rig.fail(currentStep(rig), passing),
    ends: (rig) =>
      rig.service('watch').sendBack({ type: 'runtime.exited', code: 137, signal: null } as never),
    isDoubted: (rig) => rig.service('watch').sendBack({ type: 'runtime.doubted', reason: 'x' } as never),
    isTrusted: (rig) => rig.service('watch').sendBack({ type: 'runtime.trusted' }),
    isCondemned: (rig) => rig.send({ type: 'runtime.condemned', reason: 'stalled' } as never),
    limitPasses: (rig) => rig.clock.fire(rig.clock.pending()[0]?.eventType ?? 'no timer'),
    watchFails: (rig) => rig.fail('watch', passing),
    isDrained: (rig) => rig.send({ type: 'jobs.drained' }),
    isStopped: (rig) => rig.finish(currentStep(rig)),
    willNotStop: (rig) => rig.fail(currentStep(rig), passing),
    pauseEnds: (rig) => rig.elapse(300_000),
    isRetried: (rig) => rig.send({ type: 'runtime.retried' }),
    leaves: (rig) => rig.send({ type: 'runtime.shutDown' }),
  },
  shows: ({ snapshot }) => {
    const at = pathOf(snapshot.value);
    return [SAYS[at] ?? at, snapshot.context.spec?.specHash ?? null, snapshot.context.failures];
  },
  says: ({ value, context }) => [pathOf(value), context.want, context.failures],
  check: (rig, { value }) => {
    const at = pathOf(value);
    assert.equal(rig.running('watchRuntime').length, at.startsWith('up') ? 1 : 0);
    engineIsStoppedInTime(rig, /^(up|stopping|stuck|leaving|gone)/.test(at));
  },
};
