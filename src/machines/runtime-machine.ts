// The one Runtime of this daemon: brought up to the wanted spec, watched, drained, replaced, and given up on in time.
// Knows specs by hash and models by digest; how a Runtime is started is a driver's affair.
import { assign, setup } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import { listening, promising } from './declare.js';

/** The wanted Runtime by name; the full spec is looked up by its hash. */
export interface SpecRef {
  readonly specHash: string;
  /** Digests: the same name may stand for other content in the next spec. */
  readonly models: readonly string[];
}

export interface RuntimeContext {
  readonly spec: SpecRef | null;
  /** Failures since it last served for a while. */
  readonly failures: number;
  /** Starts after the first one, for the heartbeat. */
  readonly restarts: number;
  /** Whether the stop in progress is owed to a failure. */
  readonly faulted: boolean;
  readonly failure: Failure | null;
}

export type RuntimeEvent =
  | { type: 'runtime.specified'; spec: SpecRef }
  | { type: 'runtime.released' }
  | { type: 'runtime.exited'; code: number | null; signal: string | null }
  | { type: 'runtime.doubted'; reason: string }
  | { type: 'runtime.trusted' }
  | { type: 'runtime.condemned'; reason: string }
  | { type: 'jobs.drained' }
  | { type: 'runtime.retried' }
  | { type: 'runtime.shutDown' };

const specInput = ({ context }: { context: RuntimeContext }): { specHash: string } => ({
  specHash: context.spec?.specHash ?? '',
});

const wantedSpec = ({ event }: { event: Extract<RuntimeEvent, { type: 'runtime.specified' }> }) => ({
  spec: event.spec,
});

const noteWanted = { type: 'noteSpec', params: wantedSpec } as const;

/** Another spec than the one wanted so far is taken up at once; earlier failures say nothing about it. */
const otherSpec = {
  guard: { type: 'isOtherSpec', params: wantedSpec },
  actions: [noteWanted, 'forgetFailures'],
} as const;

/** While the engine is being stopped: the next start owes nothing to the failure that led here. */
const otherSpecMeanwhile = { ...otherSpec, actions: [...otherSpec.actions, 'clearFault'] } as const;

/** Failures in a row after which only a new spec or the owner starts it again. */
export const QUARANTINE_AFTER = 5;

export const runtimeMachine = setup({
  types: {} as { context: RuntimeContext; events: RuntimeEvent; output: RuntimeContext },
  actors: {
    prepareRuntime: promising<void, { specHash: string }>(),
    startRuntime: promising<void, { specHash: string }>(),
    warmRuntime: promising<void, { specHash: string }>(),
    watchRuntime: listening<RuntimeEvent, { specHash: string }>(),
    stopRuntime: promising<void, undefined>(),
  },
  guards: {
    isOtherSpec: ({ context }, params: { spec: SpecRef }) => params.spec.specHash !== context.spec?.specHash,
    isSpent: ({ context }) => context.failures >= QUARANTINE_AFTER,
    isFaulted: ({ context }) => context.faulted && context.spec !== null,
    hasSpec: ({ context }) => context.spec !== null,
  },
  actions: {
    noteSpec: assign((_, params: { spec: SpecRef }) => ({ spec: params.spec })),
    forgetSpec: assign({ spec: null }),
    forgetFailures: assign({ failures: 0, failure: null }),
    noteFailure: assign(({ context }, params: { error: unknown }) => ({
      failures: context.failures + 1,
      faulted: true,
      failure: toFailure(params.error),
    })),
    noteExit: assign(({ context }, params: { code: number | null; signal: string | null }) => ({
      failures: context.failures + 1,
      faulted: true,
      failure: {
        code: 'RUNTIME_EXITED',
        message: `the Runtime ended by itself (${params.signal ?? `exit code ${params.code}`})`,
        retryable: true,
      },
    })),
    noteCondemned: assign(({ context }, params: { reason: string }) => ({
      failures: context.failures + 1,
      faulted: true,
      failure: { code: 'RUNTIME_CONDEMNED', message: params.reason, retryable: true },
    })),
    clearFault: assign({ faulted: false }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
  },
  delays: {
    /** No engine is given a fixed start time; this is only the outermost bound. */
    warmLimit: 20 * 60_000,
    suspectLimit: 15_000,
    drainLimit: 60_000,
    /** Served this long, it has proved itself and earlier failures are forgotten. */
    healthyAfter: 5 * 60_000,
    /** 0, 5, 15, 60, 300 s; jitter is provided at the composition root. */
    backoffDelay: ({ context }) =>
      [0, 5_000, 15_000, 60_000, 300_000][Math.min(context.failures - 1, 4)] ?? 0,
  },
}).createMachine({
  id: 'runtime',
  description: 'The one Runtime of this daemon, kept at the wanted spec, watched, replaced when it fails.',
  options: { maxIterations: 1_000 },
  context: { spec: null, failures: 0, restarts: 0, faulted: false, failure: null },
  output: ({ context }) => context,
  initial: 'absent',
  on: { 'runtime.shutDown': '.leaving' },
  states: {
    absent: {
      description: 'Nothing is wanted.',
      entry: 'clearFault',
      on: {
        'runtime.specified': { target: 'preparing', actions: noteWanted },
      },
    },
    preparing: {
      description: 'Clears what an earlier Agent left behind and checks that the engine can be started.',
      entry: 'clearFault',
      invoke: {
        id: 'prepareRuntime',
        src: 'prepareRuntime',
        input: specInput,
        onDone: 'live',
        onError: {
          target: 'backingOff',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.specified': { ...otherSpec, target: 'preparing', reenter: true },
        'runtime.released': { target: 'absent', actions: 'forgetSpec' },
      },
    },
    live: {
      description:
        'There is, or is about to be, a running engine; every exit from here goes through stopping.',
      invoke: {
        id: 'watch',
        src: 'watchRuntime',
        input: specInput,
        onError: {
          target: 'stopping',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.exited': {
          target: 'stopping',
          actions: { type: 'noteExit', params: ({ event }) => ({ code: event.code, signal: event.signal }) },
        },
        'runtime.condemned': {
          target: 'stopping',
          actions: { type: 'noteCondemned', params: ({ event }) => ({ reason: event.reason }) },
        },
        // Only an engine that serves is drained first: `ready` says so.
        'runtime.specified': { ...otherSpec, target: 'stopping' },
        'runtime.released': { target: 'stopping', actions: 'forgetSpec' },
      },
      initial: 'starting',
      states: {
        starting: {
          description: 'The driver starts the engine.',
          invoke: {
            id: 'startRuntime',
            src: 'startRuntime',
            input: specInput,
            onDone: 'warming',
            onError: {
              target: '#runtime.stopping',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
        },
        warming: {
          description:
            'Loads the model: healthy, the listed models are the wanted ones, and a canary answers.',
          invoke: {
            id: 'warmRuntime',
            src: 'warmRuntime',
            input: specInput,
            onDone: 'ready',
            onError: {
              target: '#runtime.stopping',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
          after: {
            warmLimit: {
              target: '#runtime.stopping',
              actions: { type: 'noteCondemned', params: { reason: 'not ready within the limit' } },
            },
          },
        },
        ready: {
          description: 'Serves.',
          after: { healthyAfter: { actions: 'forgetFailures' } },
          on: {
            'runtime.doubted': 'suspect',
            'runtime.specified': { ...otherSpec, target: 'draining' },
            'runtime.released': { target: 'draining', actions: 'forgetSpec' },
          },
        },
        suspect: {
          description:
            'A health check failed or work makes no progress: no new jobs until it is trusted again.',
          after: {
            suspectLimit: {
              target: '#runtime.stopping',
              actions: { type: 'noteCondemned', params: { reason: 'unhealthy for too long' } },
            },
          },
          on: {
            'runtime.trusted': 'ready',
          },
        },
        draining: {
          description: 'Another spec is wanted, or none: running jobs finish first.',
          after: { drainLimit: '#runtime.stopping' },
          on: {
            'jobs.drained': '#runtime.stopping',
            'runtime.specified': otherSpec,
            'runtime.released': { actions: 'forgetSpec' },
          },
        },
      },
    },
    stopping: {
      description: 'Asks the engine to end, then makes sure it is gone.',
      invoke: {
        id: 'stopRuntime',
        src: 'stopRuntime',
        onDone: [
          { guard: 'isFaulted', target: 'backingOff' },
          { guard: 'hasSpec', target: 'preparing', actions: 'countRestart' },
          { target: 'absent' },
        ],
        onError: {
          target: 'stoppingLater',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.specified': otherSpecMeanwhile,
        'runtime.released': { actions: 'forgetSpec' },
      },
    },
    stoppingLater: {
      description:
        'The engine may still run and hold the GPU: it is asked to end again before anything new is started.',
      after: { backoffDelay: 'stopping' },
      on: {
        'runtime.specified': otherSpecMeanwhile,
        'runtime.released': { actions: 'forgetSpec' },
      },
    },
    backingOff: {
      description: 'Failed and stopped; waits longer each time before the next start.',
      always: { guard: 'isSpent', target: 'quarantined' },
      after: { backoffDelay: { target: 'preparing', actions: 'countRestart' } },
      on: {
        'runtime.specified': { ...otherSpec, target: 'preparing' },
        'runtime.released': { target: 'absent', actions: 'forgetSpec' },
      },
    },
    quarantined: {
      description: 'Failed too often with this spec: a new configuration or the owner may try again.',
      on: {
        'runtime.specified': { ...otherSpec, target: 'preparing' },
        'runtime.retried': { target: 'preparing', actions: ['forgetFailures', 'countRestart'] },
        'runtime.released': { target: 'absent', actions: ['forgetSpec', 'forgetFailures'] },
      },
    },
    leaving: {
      description: 'The daemon ends: the engine is stopped for good.',
      invoke: { id: 'stopRuntimeForGood', src: 'stopRuntime', onDone: 'gone', onError: 'gone' },
      // A second order to shut down must not start over.
      on: { 'runtime.shutDown': {} },
    },
    gone: { type: 'final', description: 'No engine of ours runs.' },
  },
});
