// The one Runtime of this daemon: brought up to the wanted spec, watched, drained, replaced, and given up on in time.
// Knows specs by hash and models by digest; how a Runtime is started is a driver's affair.
import { clearingLaterState, clearingState } from './runtime/clearing-states.js';
import {
  backingOffState,
  judgingState,
  pardoningState,
  quarantinedState,
  recallingState,
} from './runtime/judged-states.js';
import { liveState } from './runtime/live-state.js';
import { initialContext } from './runtime/runtime-context.js';
import { runtimeSetup } from './runtime/runtime-setup.js';
import { specInput, takeUpOther, wantOther } from './runtime/shared-parts.js';

export const runtimeMachine = runtimeSetup.createMachine({
  id: 'runtime',
  description: 'The one Runtime of this daemon, kept at the wanted spec, watched, replaced when it fails.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ ...initialContext, proven: input?.proven ?? null }),
  output: ({ context }) => context,
  initial: 'absent',
  on: { 'runtime.shutDown': '.leaving' },
  states: {
    absent: {
      description: 'Nothing is wanted.',
      entry: 'forgetSpec',
      on: { 'runtime.specified': takeUpOther, 'runtime.cleared': 'clearing' },
    },
    clearing: clearingState,
    clearingLater: clearingLaterState,
    recalling: recallingState,
    preparing: {
      description: 'Clears what an earlier Agent left behind, fetches what the start needs, and checks it.',
      entry: 'clearFault',
      invoke: {
        id: 'prepareRuntime',
        src: 'prepareRuntime',
        input: specInput,
        onDone: 'live',
        onError: {
          target: 'judging',
          actions: { type: 'noteFault', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.specified': takeUpOther,
        'runtime.released': 'absent',
      },
    },
    live: liveState,
    stopping: {
      description: 'Asks the engine to end, then makes sure it is gone.',
      invoke: {
        id: 'stopRuntime',
        src: 'stopRuntime',
        onDone: [
          { guard: 'isFaulted', target: 'judging', actions: 'clearStopFailures' },
          { guard: 'isWanted', target: 'recalling', actions: ['clearStopFailures', 'adoptWanted'] },
          { target: 'absent', actions: 'clearStopFailures' },
        ],
        onError: {
          target: 'stoppingLater',
          actions: { type: 'noteStopFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.specified': wantOther,
        'runtime.released': { actions: 'forgetWanted' },
      },
    },
    stoppingLater: {
      description:
        'The engine may still run and hold the GPU: it is asked to end again before anything new is started.',
      after: { stopDelay: 'stopping' },
      on: {
        'runtime.specified': wantOther,
        'runtime.released': { actions: 'forgetWanted' },
      },
    },
    judging: judgingState,
    backingOff: backingOffState,
    quarantined: quarantinedState,
    pardoning: pardoningState,
    leaving: {
      description: 'The daemon ends: the engine is stopped for good.',
      invoke: { id: 'stopRuntimeForGood', src: 'stopRuntime', onDone: 'gone', onError: 'gone' },
      // A second order to shut down must not start over.
      on: { 'runtime.shutDown': {} },
    },
    gone: { type: 'final', description: 'No engine of ours runs.' },
  },
});
