// What the owner of the GPU expects of the one Runtime, written without its chart: which spec is on the engine, which one
// is to go back to, and that every failure is on record before the next start.
import assert from 'node:assert/strict';
import { assign, setup } from 'xstate';
import type { SpecOptions } from '../drive-spec.js';
import type { Rig } from '../rig.js';
import { pathOf } from './expectations.js';
import { lasting, passing } from './failures.js';
import { ended, engineIsStoppedInTime, judged, quarantined, specOf, waiting } from './runtime-world.js';

type Spec = 'a' | 'b' | null;

interface Known {
  readonly want: Spec;
  /** On the engine, or on its way there. */
  readonly on: Spec;
  /** The last one that was ready. */
  readonly good: Spec;
  /** The wanted one has been given up for the good one. */
  readonly isBad: boolean;
  /** The wanted one could be started at once. */
  readonly isPrepared: boolean;
  /** What stops the engine is a failure. */
  readonly isFailed: boolean;
}

type SpecEvent =
  | { type: 'wants'; spec: 'a' | 'b' }
  | {
      type:
        | 'wantsNone'
        | 'isKnownGood'
        | 'isKnownSlow'
        | 'isKnownBad'
        | 'recallFails'
        | 'isPrepared'
        | 'isStarted'
        | 'isWarm'
        | 'stepFails'
        | 'ends'
        | 'isCondemned'
        | 'watchFails'
        | 'limitPasses'
        | 'isDoubted'
        | 'isTrusted'
        | 'nextIsPrepared'
        | 'nextFails'
        | 'nextIsHopeless'
        | 'isDrained'
        | 'isStopped'
        | 'willNotStop'
        | 'isRecorded'
        | 'isRecordedTwice'
        | 'isRecordedForGood'
        | 'recordFails'
        | 'pauseEnds'
        | 'isRetried'
        | 'isPardoned'
        | 'isCleared'
        | 'isEmpty'
        | 'willNotClear'
        | 'leaves';
    };

const isOutdated = ({ want, on, good, isBad, isPrepared }: Known): boolean =>
  on !== want && !isBad && (on !== good || isPrepared);
const canGoBack = ({ want, on, good }: Known): boolean => on === want && good !== null && good !== on;

export const runtimeSpec = setup({
  types: {} as { events: SpecEvent; context: Known },
  guards: {
    isOther: ({ context, event }) => event.type === 'wants' && event.spec !== context.want,
    wantsNothing: ({ context }) => context.want === null,
    wantsNext: ({ context: { want, on, isBad } }) => want !== null && want !== on && !isBad,
    isOutdated: ({ context }) => isOutdated(context),
    isOutdatedForGood: ({ context: { want, on, isBad } }) => want !== on && !isBad,
    canGoBack: ({ context }) => canGoBack(context),
    isFailed: ({ context }) => context.isFailed,
    isBad: ({ context }) => context.isBad,
  },
  actions: {
    note: assign(({ event }) =>
      event.type === 'wants'
        ? { want: event.spec, isBad: false, isPrepared: false }
        : { want: null, isBad: false, isPrepared: false },
    ),
    takeUp: assign(({ context }) => ({ on: context.want, isBad: false, isPrepared: false })),
    goBack: assign(({ context }) => ({ on: context.good, isBad: true })),
    fail: assign({ isFailed: true }),
    clear: assign({ isFailed: false }),
    forgetAll: assign({ want: null, on: null, isBad: false, isPrepared: false, isFailed: false }),
    prove: assign(({ context }) => ({ good: context.on })),
    prepare: assign({ isPrepared: true }),
    reject: assign({ isBad: true }),
    pardon: assign({ isBad: false }),
    /** An event that must change nothing is one to perform; XState skips those without an action. */
    stay: assign({}),
  },
}).createMachine({
  context: { want: null, on: null, good: null, isBad: false, isPrepared: false, isFailed: false },
  initial: 'none',
  on: { leaves: '.leaving' },
  states: {
    none: {
      entry: 'forgetAll',
      on: { wants: { target: 'recalling', actions: ['note', 'takeUp'] }, isCleared: 'clearing' },
    },
    clearing: {
      on: {
        isEmpty: [
          { guard: 'wantsNothing', target: 'none' },
          { target: 'recalling', actions: 'takeUp' },
        ],
        willNotClear: [
          { guard: 'wantsNothing', target: 'clearingLater' },
          { target: 'recalling', actions: 'takeUp' },
        ],
        wants: { guard: 'isOther', actions: 'note' },
        wantsNone: { actions: 'note' },
      },
    },
    clearingLater: {
      on: { pauseEnds: 'clearing', wants: { target: 'recalling', actions: ['note', 'takeUp'] } },
    },
    recalling: {
      entry: 'clear',
      on: {
        isKnownGood: 'preparing',
        recallFails: 'preparing',
        isKnownSlow: 'pausing',
        isKnownBad: [{ guard: 'canGoBack', target: 'recalling', actions: 'goBack' }, { target: 'givenUp' }],
        wants: { guard: 'isOther', target: 'recalling', actions: ['note', 'takeUp'] },
        wantsNone: 'none',
      },
    },
    preparing: {
      entry: 'clear',
      on: {
        isPrepared: 'up',
        stepFails: { target: 'recording', actions: 'fail' },
        wants: { guard: 'isOther', target: 'recalling', actions: ['note', 'takeUp'] },
        wantsNone: 'none',
      },
    },
    up: {
      on: {
        ends: { target: 'stopping', actions: 'fail' },
        isCondemned: { target: 'stopping', actions: 'fail' },
        watchFails: { target: 'stopping', actions: 'fail' },
        wants: { guard: 'isOther', target: 'stopping', actions: 'note' },
        wantsNone: { target: 'stopping', actions: 'note' },
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
          entry: 'prove',
          on: {
            isDoubted: 'doubted',
            wants: [{ guard: 'isOther', target: '.calm', actions: 'note' }, { actions: 'stay' }],
            wantsNone: { target: 'draining', actions: 'note' },
            isRetried: { guard: 'isBad', target: '.pardoning' },
          },
          initial: 'calm',
          states: {
            calm: { always: { guard: 'wantsNext', target: 'fetching' } },
            fetching: {
              on: {
                nextIsPrepared: { target: '#draining', actions: 'prepare' },
                nextFails: 'later',
                nextIsHopeless: { target: 'calm', actions: 'reject' },
              },
            },
            later: { on: { limitPasses: 'fetching', isRetried: 'fetching' } },
            pardoning: { on: { isPardoned: { target: 'calm', actions: 'pardon' } } },
          },
        },
        doubted: {
          on: {
            isTrusted: 'serving',
            limitPasses: { target: '#stopping', actions: 'fail' },
            wants: { guard: 'isOther', actions: 'note' },
          },
        },
        draining: {
          id: 'draining',
          on: {
            isDrained: '#stopping',
            limitPasses: '#stopping',
            wants: { guard: 'isOther', target: 'serving', actions: 'note' },
            wantsNone: { actions: 'note' },
          },
        },
      },
    },
    stopping: {
      id: 'stopping',
      on: {
        isStopped: [
          { guard: 'isFailed', target: 'recording' },
          { guard: 'wantsNothing', target: 'none' },
          { target: 'recalling', actions: 'takeUp' },
        ],
        willNotStop: 'stuck',
        wants: { guard: 'isOther', actions: 'note' },
        wantsNone: { actions: 'note' },
      },
    },
    stuck: {
      on: {
        pauseEnds: 'stopping',
        wants: { guard: 'isOther', actions: 'note' },
        wantsNone: { actions: 'note' },
      },
    },
    recording: {
      on: {
        isRecorded: [
          { guard: 'wantsNothing', target: 'none' },
          { guard: 'isOutdated', target: 'recalling', actions: 'takeUp' },
          { target: 'pausing' },
        ],
        recordFails: [
          { guard: 'wantsNothing', target: 'none' },
          { guard: 'isOutdated', target: 'recalling', actions: 'takeUp' },
          { target: 'pausing' },
        ],
        isRecordedTwice: [
          { guard: 'wantsNothing', target: 'none' },
          { guard: 'isOutdated', target: 'recalling', actions: 'takeUp' },
          { guard: 'canGoBack', target: 'recalling', actions: 'goBack' },
          { target: 'pausing' },
        ],
        isRecordedForGood: [
          { guard: 'wantsNothing', target: 'none' },
          { guard: 'isOutdatedForGood', target: 'recalling', actions: 'takeUp' },
          { guard: 'canGoBack', target: 'recalling', actions: 'goBack' },
          { target: 'givenUp' },
        ],
        wants: { guard: 'isOther', actions: 'note' },
        wantsNone: { actions: 'note' },
      },
    },
    pausing: {
      on: {
        pauseEnds: 'preparing',
        isRetried: 'pardoning',
        wants: { guard: 'isOther', target: 'recalling', actions: ['note', 'takeUp'] },
        wantsNone: 'none',
      },
    },
    givenUp: {
      on: {
        isRetried: 'pardoning',
        wants: [{ guard: 'isOther', target: 'recalling', actions: ['note', 'takeUp'] }, { actions: 'stay' }],
        wantsNone: 'none',
      },
    },
    pardoning: {
      on: {
        isPardoned: { target: 'recalling', actions: 'takeUp' },
        wants: { guard: 'isOther', actions: 'note' },
        wantsNone: 'none',
      },
    },
    leaving: { on: { isStopped: 'gone', willNotStop: 'gone', leaves: { actions: 'stay' } } },
    gone: { type: 'final' },
  },
});

/** The chart's words for the specification's; where both use the same, it is left out. */
const SAYS: Readonly<Record<string, string>> = {
  absent: 'none',
  'live.starting': 'up.starting',
  'live.warming': 'up.warming',
  'live.ready.settled': 'up.serving.calm',
  'live.ready.preparingNext': 'up.serving.fetching',
  'live.ready.nextDelayed': 'up.serving.later',
  'live.ready.pardoningNext': 'up.serving.pardoning',
  'live.suspect': 'up.doubted',
  'live.draining': 'up.draining',
  stoppingLater: 'stuck',
  judging: 'recording',
  backingOff: 'pausing',
  quarantined: 'givenUp',
};

const STEPS = ['prepareRuntime', 'startRuntime', 'warmRuntime', 'stopRuntime'];
const currentStep = (rig: Rig): string =>
  rig.running().find(({ src }) => STEPS.includes(src))?.id ?? 'no step';
const pardon = (rig: Rig): string => rig.running('forgetFailures')[0]?.id ?? 'no pardon';
/** Not the timer after which old failures are forgotten. */
const limit = (rig: Rig): string =>
  rig.clock.pending().find(({ eventType }) => !eventType.includes('.healthyAfter.'))?.eventType ?? 'no timer';

export const runtimeSpecOptions: SpecOptions<typeof runtimeSpec> = {
  events: [
    { type: 'wants', spec: 'a' },
    { type: 'wants', spec: 'b' },
  ],
  // The second spec is of interest beside the first, and leaving the same wherever it is.
  explore: ({ context, value }, event) => {
    if (event.type === 'wants' && event.spec === 'b') return context.want !== null || value === 'stopping';
    if (event.type === 'leaves') return context.good === null;
    return true;
  },
  perform: {
    wants: (rig, { spec }) => rig.send({ type: 'runtime.specified', spec: specOf(spec) } as never),
    wantsNone: (rig) => rig.send({ type: 'runtime.released' }),
    isKnownGood: (rig) => rig.finish('recallFailures', judged({ failures: 0, failure: null })),
    isKnownSlow: (rig) => rig.finish('recallFailures', waiting),
    isKnownBad: (rig) => rig.finish('recallFailures', quarantined),
    recallFails: (rig) => rig.fail('recallFailures', passing),
    isPrepared: (rig) => rig.finish('prepareRuntime'),
    isStarted: (rig) => rig.finish('startRuntime'),
    isWarm: (rig) => rig.finish('warmRuntime'),
    stepFails: (rig) => rig.fail(currentStep(rig), passing),
    ends: (rig) => rig.service('watch').sendBack({ type: 'runtime.exited', failure: ended } as never),
    isCondemned: (rig) => rig.send({ type: 'runtime.condemned', failure: ended } as never),
    watchFails: (rig) => rig.fail('watch', passing),
    limitPasses: (rig) => rig.clock.fire(limit(rig)),
    isDoubted: (rig) => rig.service('watch').sendBack({ type: 'runtime.doubted', reason: 'x' } as never),
    isTrusted: (rig) => rig.service('watch').sendBack({ type: 'runtime.trusted' }),
    nextIsPrepared: (rig) => rig.finish('prepareNext'),
    nextFails: (rig) => rig.fail('prepareNext', passing),
    nextIsHopeless: (rig) => rig.fail('prepareNext', lasting),
    isDrained: (rig) => rig.send({ type: 'jobs.drained' }),
    isStopped: (rig) => rig.finish(currentStep(rig)),
    willNotStop: (rig) => rig.fail(currentStep(rig), passing),
    isRecorded: (rig) => rig.finish('recordFailure', waiting),
    isRecordedTwice: (rig) => rig.finish('recordFailure', judged({ failures: 2, waitMs: 5_000 })),
    isRecordedForGood: (rig) => rig.finish('recordFailure', quarantined),
    recordFails: (rig) => rig.fail('recordFailure', passing),
    pauseEnds: (rig) => rig.elapse(300_000),
    isRetried: (rig) => rig.send({ type: 'runtime.retried' }),
    isPardoned: (rig) => rig.finish(pardon(rig)),
    isCleared: (rig) => rig.send({ type: 'runtime.cleared' }),
    isEmpty: (rig) => rig.finish('clearLeftovers'),
    willNotClear: (rig) => rig.fail('clearLeftovers', passing),
    leaves: (rig) => rig.send({ type: 'runtime.shutDown' }),
  },
  shows: ({ snapshot }) => {
    const at = pathOf(snapshot.value);
    const { wanted, spec, proven, rejected } = snapshot.context;
    const where = SAYS[at] ?? at;
    return [
      where,
      wanted?.specHash ?? null,
      spec?.specHash ?? null,
      proven?.specHash ?? null,
      rejected !== null,
    ];
  },
  says: ({ value, context: { want, on, good, isBad } }) => [pathOf(value), want, on, good, isBad],
  check: (rig, { value }) => {
    const at = pathOf(value);
    assert.equal(rig.running('watchRuntime').length, at.startsWith('up') ? 1 : 0);
    engineIsStoppedInTime(rig, /^(up|stopping|stuck|leaving|gone)/.test(at));
  },
};
