// One model listed by the configuration: fetched, verified, proved by a real inference, then active.
import { assign, sendParent, setup } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import type { ModelState } from '../protocol/codes.js';
import { promising } from './declare.js';

export interface ModelInput {
  readonly id: string;
  readonly digest: string;
  readonly enabled: boolean;
}

export interface ModelContext extends ModelInput {
  /** Failures in a row; retries come ever later. */
  readonly failures: number;
  readonly failure: Failure | null;
}

export type ModelEvent =
  /** The Runtime is ready and serves these models, named by digest: an older one of the same name proves nothing. */
  | { type: 'runtime.ready'; models: readonly string[] }
  | { type: 'runtime.lost' }
  /** The Runtime that was to serve it does not work. */
  | { type: 'runtime.givenUp'; failure: Failure }
  /** The Runtime serves another network. */
  | { type: 'runtime.taken' }
  | { type: 'model.enabled' }
  | { type: 'model.disabled' }
  | { type: 'model.unlisted' }
  /** A configuration sync went by: what failed gets another chance. */
  | { type: 'model.retried' }
  /** The owner wants it tested again; one that failed gets another chance. */
  | { type: 'model.retested' };

/** What a model tells the node whenever its state changed. */
export interface ModelChanged {
  readonly type: 'model.changed';
  readonly id: string;
  readonly digest: string;
  readonly state: ModelState;
  readonly reason: string | null;
}

const modelOf = ({ context }: { context: ModelContext }): { digest: string } => ({ digest: context.digest });

export const modelMachine = setup({
  types: {} as { input: ModelInput; context: ModelContext; events: ModelEvent; output: ModelContext },
  actors: {
    inspectModel: promising<boolean, { digest: string }>(),
    downloadModel: promising<void, { digest: string }>(),
    verifyModel: promising<void, { digest: string }>(),
    testModel: promising<void, { digest: string }>(),
    removeModel: promising<void, { digest: string }>(),
  },
  guards: {
    isDisabled: ({ context }) => !context.enabled,
    isInstalled: (_, params: { installed: boolean }) => params.installed,
    isServed: ({ context }, params: { models: readonly string[] }) => params.models.includes(context.digest),
  },
  actions: {
    noteFailure: assign(({ context }, params: { error: unknown }) => ({
      failures: context.failures + 1,
      failure: toFailure(params.error),
    })),
    noteGivenUp: assign(({ context }, params: { failure: Failure }) => ({
      failures: context.failures + 1,
      failure: params.failure,
    })),
    forgetFailures: assign({ failures: 0, failure: null }),
    enable: assign({ enabled: true }),
    disable: assign({ enabled: false }),
    announce: sendParent(
      (
        { context }: { context: ModelContext },
        params: { state: ModelState; reason?: string },
      ): ModelChanged => ({
        type: 'model.changed',
        id: context.id,
        digest: context.digest,
        state: params.state,
        reason:
          params.state === 'failed' ? (context.failure?.code.toLowerCase() ?? null) : (params.reason ?? null),
      }),
    ),
  },
  delays: {
    retryDelay: ({ context }) => Math.min(5_000 * 2 ** context.failures, 3_600_000),
    /** Models are tested again from time to time; provided from the configuration. */
    retestDelay: 6 * 3_600_000,
  },
}).createMachine({
  id: 'model',
  description: 'One listed model: downloaded, verified by hash, proved by a real inference, then active.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ ...input, failures: 0, failure: null }),
  output: ({ context }) => context,
  initial: 'absent',
  on: { 'model.unlisted': '.removing' },
  states: {
    absent: {
      description: 'Listed; looks whether its verified files are there already.',
      entry: { type: 'announce', params: { state: 'absent' } },
      always: { guard: 'isDisabled', target: 'inactive' },
      invoke: {
        id: 'inspectModel',
        src: 'inspectModel',
        input: modelOf,
        onDone: [
          {
            guard: { type: 'isInstalled', params: ({ event }) => ({ installed: event.output }) },
            target: 'pending',
          },
          { target: 'downloading' },
        ],
        onError: {
          target: 'failed',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: { 'model.disabled': { target: 'inactive', actions: 'disable' } },
    },
    downloading: {
      description: 'Fetches its files into quarantine from the sources the configuration names.',
      entry: { type: 'announce', params: { state: 'downloading' } },
      invoke: {
        id: 'downloadModel',
        src: 'downloadModel',
        input: modelOf,
        onDone: 'verifying',
        onError: {
          target: 'failed',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: { 'model.disabled': { target: 'inactive', actions: 'disable' } },
    },
    verifying: {
      description: 'SHA-256 of every file against the signed manifest; activation is one rename.',
      entry: { type: 'announce', params: { state: 'verifying' } },
      invoke: {
        id: 'verifyModel',
        src: 'verifyModel',
        input: modelOf,
        onDone: 'pending',
        onError: {
          target: 'failed',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: { 'model.disabled': { target: 'inactive', actions: 'disable' } },
    },
    pending: {
      description: 'Installed, not proved: waits for the Runtime to serve it.',
      entry: { type: 'announce', params: { state: 'pending' } },
      on: {
        'runtime.ready': {
          guard: { type: 'isServed', params: ({ event }) => ({ models: event.models }) },
          target: 'testing',
        },
        'runtime.givenUp': {
          target: 'failed',
          actions: { type: 'noteGivenUp', params: ({ event }) => ({ failure: event.failure }) },
        },
        'runtime.taken': 'displaced',
        'model.disabled': { target: 'inactive', actions: 'disable' },
      },
    },
    testing: {
      description: 'One real inference through the Runtime.',
      entry: { type: 'announce', params: { state: 'testing' } },
      invoke: {
        id: 'testModel',
        src: 'testModel',
        input: modelOf,
        onDone: { target: 'active', actions: 'forgetFailures' },
        onError: {
          target: 'failed',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'runtime.lost': 'pending',
        'model.disabled': { target: 'inactive', actions: 'disable' },
      },
    },
    active: {
      description: 'Proved: the network may send jobs for it.',
      entry: { type: 'announce', params: { state: 'active' } },
      after: { retestDelay: 'testing' },
      on: {
        'runtime.lost': 'pending',
        'model.retested': 'testing',
        'model.disabled': { target: 'inactive', actions: 'disable' },
      },
    },
    displaced: {
      description: 'Installed, and not served: the Runtime works for another network.',
      entry: { type: 'announce', params: { state: 'inactive', reason: 'runtime_taken' } },
      on: {
        'model.retried': 'absent',
        'model.disabled': { target: 'inactive', actions: 'disable' },
      },
    },
    inactive: {
      description: 'Installed or not, the configuration has switched it off.',
      entry: { type: 'announce', params: { state: 'inactive' } },
      on: { 'model.enabled': { target: 'absent', actions: 'enable' } },
    },
    failed: {
      description:
        'Download, hash or test failed, or its Runtime does not work: serves nothing, tried again later or at the next sync.',
      entry: { type: 'announce', params: { state: 'failed' } },
      after: { retryDelay: 'absent' },
      on: {
        'model.retried': 'absent',
        'model.retested': 'absent',
        'model.disabled': { target: 'inactive', actions: 'disable' },
      },
    },
    removing: {
      description: 'No longer listed: its files go.',
      invoke: {
        id: 'removeModel',
        src: 'removeModel',
        input: modelOf,
        onDone: 'archived',
        onError: {
          target: 'archived',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      // A second word that it is unlisted must not start the removal over.
      on: { 'model.unlisted': {} },
    },
    archived: {
      type: 'final',
      description: 'Gone from this node.',
      entry: { type: 'announce', params: { state: 'archived' } },
    },
  },
});
