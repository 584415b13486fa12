// While there is, or is about to be, a running engine: started, warmed, serving, doubted, drained.
import { readyState } from './ready-state.js';
import { runtimeSetup } from './runtime-setup.js';
import { specInput, wantOther } from './shared-parts.js';

export const liveState = runtimeSetup.createStateConfig({
  description: 'There is, or is about to be, a running engine; every exit from here goes through stopping.',
  invoke: {
    id: 'watch',
    src: 'watchRuntime',
    input: specInput,
    onError: {
      target: 'stopping',
      actions: { type: 'noteFault', params: ({ event }) => ({ error: event.error }) },
    },
  },
  on: {
    'runtime.exited': {
      target: 'stopping',
      actions: { type: 'noteEnd', params: ({ event }) => ({ failure: event.failure }) },
    },
    'runtime.condemned': {
      target: 'stopping',
      actions: { type: 'noteEnd', params: ({ event }) => ({ failure: event.failure }) },
    },
    'control.lost': { actions: 'loseControl' },
    'control.regained': { actions: 'regainControl' },
    // Only an engine that serves is drained first: `ready` says so.
    'runtime.specified': { ...wantOther, target: 'stopping' },
    'runtime.released': { target: 'stopping', actions: 'forgetWanted' },
  },
  initial: 'starting',
  states: {
    starting: {
      description: 'The driver starts the engine, or takes over one that runs with this very spec.',
      entry: 'countStart',
      invoke: {
        id: 'startRuntime',
        src: 'startRuntime',
        input: specInput,
        onDone: 'warming',
        onError: {
          target: '#runtime.stopping',
          actions: { type: 'noteFault', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    warming: {
      description:
        'Loads the model: healthy, the listed models are the wanted ones, and a test inference answers.',
      invoke: {
        id: 'warmRuntime',
        src: 'warmRuntime',
        input: specInput,
        onDone: 'ready',
        onError: {
          target: '#runtime.stopping',
          actions: { type: 'noteFault', params: ({ event }) => ({ error: event.error }) },
        },
      },
      after: { warmLimit: { target: '#runtime.stopping', actions: 'noteTooSlow' } },
    },
    ready: readyState,
    suspect: {
      description: 'Something speaks against it: no new jobs until it is trusted again.',
      after: { suspectLimit: { target: '#runtime.stopping', actions: 'noteTooDoubtful' } },
      on: {
        'runtime.trusted': 'ready',
        'runtime.doubted': {
          actions: { type: 'noteDoubt', params: ({ event }) => ({ reason: event.reason }) },
        },
        // Looked at once it is trusted again; what serves is not stopped for it.
        'runtime.specified': wantOther,
      },
    },
    draining: {
      description: 'The next spec is prepared, or none is wanted: running jobs finish first.',
      after: { drainLimit: '#runtime.stopping' },
      on: {
        'jobs.drained': '#runtime.stopping',
        // It serves still: as good a place as any to prepare yet another spec from.
        'runtime.specified': { ...wantOther, target: 'ready' },
        'runtime.released': { actions: 'forgetWanted' },
      },
    },
  },
});
