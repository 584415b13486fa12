// Brings one newer configuration snapshot into force, or refuses it and keeps the last good one.
// Sees versions, digests and a plan of names; the snapshot itself stays in the services.
import { assign, sendParent, setup } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import type { ConfigRef } from '../protocol/messages/session.js';
import { promising } from './declare.js';

export interface ConfigSyncInput {
  /** In force now; null before the first. */
  readonly held: ConfigRef | null;
  readonly wanted: ConfigRef;
}

/** A listed model by name; everything else about it is looked up by digest. */
export interface ListedModel {
  readonly id: string;
  readonly digest: string;
  readonly enabled: boolean;
}

/** What applying will change, worked out before anything is touched. */
export interface ConfigPlan {
  readonly config: ConfigRef;
  readonly models: readonly ListedModel[];
}

export interface ConfigSyncContext extends ConfigSyncInput {
  /** What the network handed out for it: usually the wanted one, but a stale cache or a newer publication may differ. */
  readonly fetched: ConfigRef | null;
  /** Another one is wanted by now: this one is not waited for. */
  readonly superseded: boolean;
  readonly plan: ConfigPlan | null;
  readonly failures: number;
  readonly failure: Failure | null;
  readonly outcome: 'unchanged' | 'unreachable' | 'applied' | 'rejected' | 'rolled_back' | null;
}

export type ConfigSyncEvent =
  | { type: 'config.proved' }
  /** @param failure of the Runtime, where that is why */
  | { type: 'config.disproved'; failure: Failure | null }
  | { type: 'config.superseded' };

const digestOf = ({ context }: { context: ConfigSyncContext }): { digest: string } => ({
  digest: (context.fetched ?? context.wanted).digest,
});

export const configSyncMachine = setup({
  types: {} as {
    input: ConfigSyncInput;
    context: ConfigSyncContext;
    events: ConfigSyncEvent;
    output: ConfigSyncContext;
  },
  actors: {
    fetchConfig: promising<ConfigRef | 'unchanged', { held: ConfigRef | null; wanted: ConfigRef }>(),
    verifyConfig: promising<ConfigRef, { digest: string }>(),
    planConfig: promising<ConfigPlan, { digest: string }>(),
    applyConfig: promising<void, { digest: string }>(),
    rollBackConfig: promising<ConfigPlan, undefined>(),
  },
  guards: {
    isUpToDate: ({ context }) => context.held?.digest === context.wanted.digest,
    isUnchanged: (_, params: { fetched: ConfigRef | 'unchanged' }) => params.fetched === 'unchanged',
    mayTryAgain: ({ context }, params: { error: unknown }) =>
      toFailure(params.error).retryable && context.failures < 5,
    isUnreachable: (_, params: { error: unknown }) => toFailure(params.error).retryable,
    hasPrevious: ({ context }) => context.held !== null,
    isSuperseded: ({ context }) => context.superseded,
  },
  actions: {
    noteFetched: assign((_, params: { fetched: ConfigRef | 'unchanged' }) => ({
      fetched: params.fetched === 'unchanged' ? null : params.fetched,
    })),
    noteSuperseded: assign({ superseded: true }),
    notePlan: assign((_, params: { plan: ConfigPlan }) => ({ plan: params.plan })),
    noteFailure: assign(({ context }, params: { error: unknown }) => ({
      failures: context.failures + 1,
      failure: toFailure(params.error),
    })),
    noteDisproof: assign((_, { failure }: { failure: Failure | null }) => ({
      failure: {
        code: 'CONFIG_DISPROVED',
        message:
          failure === null
            ? 'no listed model passed its test under the new configuration'
            : `no listed model can be served under the new configuration: ${failure.message}`,
        retryable: false,
        ...(failure?.advice !== undefined && { advice: failure.advice }),
      },
    })),
    conclude: assign((_, params: { outcome: ConfigSyncContext['outcome'] }) => ({ outcome: params.outcome })),
    announcePlan: sendParent(({ context }: { context: ConfigSyncContext }) => ({
      type: 'config.inForce',
      plan: context.plan,
    })),
  },
  delays: { retryDelay: ({ context }) => Math.min(1_000 * 2 ** context.failures, 60_000) },
}).createMachine({
  id: 'configSync',
  description:
    'Fetches, verifies, applies and proves one configuration snapshot; the last good one stays until then.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    ...input,
    fetched: null,
    superseded: false,
    plan: null,
    failures: 0,
    failure: null,
    outcome: null,
  }),
  output: ({ context }) => context,
  initial: 'comparing',
  states: {
    comparing: {
      description: 'Is the digest the network wants the one in force?',
      always: [{ guard: 'isUpToDate', target: 'unchanged' }, { target: 'fetching' }],
    },
    fetching: {
      description: 'Gets the signed snapshot over HTTP.',
      invoke: {
        id: 'fetchConfig',
        src: 'fetchConfig',
        input: ({ context }) => ({ held: context.held, wanted: context.wanted }),
        onDone: [
          {
            guard: { type: 'isUnchanged', params: ({ event }) => ({ fetched: event.output }) },
            target: 'unchanged',
          },
          {
            target: 'verifying',
            actions: { type: 'noteFetched', params: ({ event }) => ({ fetched: event.output }) },
          },
        ],
        onError: [
          {
            guard: { type: 'mayTryAgain', params: ({ event }) => ({ error: event.error }) },
            target: 'waiting',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            guard: { type: 'isUnreachable', params: ({ event }) => ({ error: event.error }) },
            target: 'unreachable',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: 'rejected',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
      on: { 'config.superseded': 'unreachable' },
    },
    waiting: {
      description: 'The network could not be reached; tries again in a while.',
      after: { retryDelay: 'fetching' },
      on: { 'config.superseded': 'unreachable' },
    },
    verifying: {
      description:
        'Digest, signatures, network, version above the floor, expiry, schema, bounds: in this order.',
      on: { 'config.superseded': { actions: 'noteSuperseded' } },
      invoke: {
        id: 'verifyConfig',
        src: 'verifyConfig',
        input: digestOf,
        onDone: {
          target: 'planning',
          actions: { type: 'noteFetched', params: ({ event }) => ({ fetched: event.output }) },
        },
        onError: {
          target: 'rejected',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    planning: {
      description: 'Works out which models come and go.',
      on: { 'config.superseded': { actions: 'noteSuperseded' } },
      invoke: {
        id: 'planConfig',
        src: 'planConfig',
        input: digestOf,
        onDone: {
          target: 'applying',
          actions: { type: 'notePlan', params: ({ event }) => ({ plan: event.output }) },
        },
        onError: {
          target: 'rejected',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    applying: {
      description:
        'Raises the version floor, then replaces the snapshot on disk in one rename; the old one is kept beside it.',
      on: { 'config.superseded': { actions: 'noteSuperseded' } },
      invoke: {
        id: 'applyConfig',
        src: 'applyConfig',
        input: digestOf,
        onDone: { target: 'proving', actions: 'announcePlan' },
        onError: {
          target: 'rejected',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    proving: {
      description:
        'In force; one listed model must pass its test inference before the old snapshot is let go, unless another one is wanted by now.',
      always: { guard: 'isSuperseded', target: 'applied' },
      on: {
        'config.proved': 'applied',
        'config.superseded': 'applied',
        'config.disproved': [
          {
            guard: 'hasPrevious',
            target: 'rollingBack',
            actions: { type: 'noteDisproof', params: ({ event }) => ({ failure: event.failure }) },
          },
          {
            target: 'applied',
            actions: { type: 'noteDisproof', params: ({ event }) => ({ failure: event.failure }) },
          },
        ],
      },
    },
    rollingBack: {
      description: 'Returns to the previous snapshot; the version floor stays where it is.',
      invoke: {
        id: 'rollBackConfig',
        src: 'rollBackConfig',
        onDone: {
          target: 'rolledBack',
          actions: [{ type: 'notePlan', params: ({ event }) => ({ plan: event.output }) }, 'announcePlan'],
        },
        // The new one is what is on disk and in force, so that is what the network is told, with the failure.
        onError: {
          target: 'applied',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    unchanged: {
      type: 'final',
      description: 'Nothing to do.',
      entry: { type: 'conclude', params: { outcome: 'unchanged' } },
    },
    unreachable: {
      type: 'final',
      description:
        'Not to be had now, or no longer wanted before it was fetched; the last known configuration stays in force.',
      entry: { type: 'conclude', params: { outcome: 'unreachable' } },
    },
    applied: {
      type: 'final',
      description: 'The new snapshot is in force; a failure tells that no model serves under it.',
      entry: { type: 'conclude', params: { outcome: 'applied' } },
    },
    rejected: {
      type: 'final',
      description:
        'The snapshot is not to be trusted or cannot be applied; the last good one stays in force.',
      entry: { type: 'conclude', params: { outcome: 'rejected' } },
    },
    rolledBack: {
      type: 'final',
      description: 'The new snapshot served no model; the previous one is in force again.',
      entry: { type: 'conclude', params: { outcome: 'rolled_back' } },
    },
  },
});
