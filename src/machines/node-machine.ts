// The node in one network: from its identity to a clean stop. The regions of `operating` say what it does at once:
// holding the link, standing with the network, working, following the configuration, tending models, being served.
import { type ActorRefFrom, assign, enqueueActions, sendTo, setup, stopChild } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import type { ModelState } from '../protocol/codes.js';
import type { ConfigRef, Standing } from '../protocol/messages/session.js';
import {
  type ConfigPlan,
  type ConfigSyncContext,
  configSyncMachine,
  type ListedModel,
} from './config-sync-machine.js';
import { listening, promising } from './declare.js';
import { type LinkContext, linkMachine, type SessionNews } from './link-machine.js';
import { type ModelChanged, modelMachine } from './model-machine.js';
import { reportMachine } from './report-machine.js';

/** A listed model, the slot its actor lives in, and its last known state. */
export interface NodeModel extends ListedModel {
  /** Actor id out of a bounded set: a model's name never becomes an actor id. */
  readonly slot: string;
  readonly state: ModelState;
  readonly reason: string | null;
}

/** Attempts this node answers for. `busy`: accepted and not yet signed; `outbox`: signed and not acknowledged. */
export interface JobLoad {
  readonly busy: number;
  readonly outbox: number;
}

export interface NodeContext {
  readonly nodeId: string | null;
  readonly network: string | null;
  readonly standing: Standing | null;
  /** In force. */
  readonly config: ConfigRef | null;
  /** What the network last asked for. */
  readonly wanted: ConfigRef | null;
  /** Refused before: not fetched again until the network asks for another. */
  readonly refusedDigest: string | null;
  readonly lastSync: {
    /** The snapshot it was about. */
    readonly config: ConfigRef;
    readonly outcome: ConfigSyncContext['outcome'];
    readonly failure: Failure | null;
  } | null;
  readonly models: readonly NodeModel[];
  /** Digests of the models the Runtime serves now; null while it does not. */
  readonly served: readonly string[] | null;
  readonly load: JobLoad;
  readonly failures: number;
  readonly failure: Failure | null;
}

export type NodeEvent =
  | SessionNews
  | ModelChanged
  | { type: 'node.stop' }
  | { type: 'node.drain' }
  | { type: 'node.pause' }
  | { type: 'node.resume' }
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'link.suspected' }
  | { type: 'link.refused'; failure: Failure | null }
  | { type: 'config.inForce'; plan: ConfigPlan | null }
  | { type: 'runtime.ready'; models: readonly string[] }
  | { type: 'runtime.lost' }
  | { type: 'jobs.changed'; load: JobLoad }
  | { type: 'model.retested' }
  | { type: 'xstate.done.actor.link'; output: LinkContext }
  | { type: `xstate.error.actor.${string}`; actorId: string; error: unknown };

/** Orders to the supervisor of jobs. */
export type JobsOrder =
  | { type: 'job.offered'; job: string; attempt: number }
  | { type: 'job.cancelled'; job: string; attempt: number; reason: string }
  | Extract<SessionNews, { type: 'result.acknowledged' }>
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'models.changed'; models: readonly NodeModel[] }
  | { type: 'jobs.drain' }
  | { type: 'jobs.admit' }
  | { type: 'jobs.interrupt'; reason: string };

/** Orders to the service that stands between this node and the daemon's one Runtime. */
export type RuntimeOrder =
  | { type: 'models.changed'; models: readonly NodeModel[] }
  | { type: 'serving.suspended' }
  | { type: 'serving.resumed' }
  | { type: 'jobs.changed'; load: JobLoad };

const INSTALLED: ReadonlySet<ModelState> = new Set(['pending', 'testing', 'active']);

const SLOT_PREFIX = 'model-';

const withChange = (models: readonly NodeModel[], change: ModelChanged): readonly NodeModel[] =>
  models.flatMap((model) => {
    if (model.digest !== change.digest) return [model];
    if (change.state !== 'archived') return [{ ...model, state: change.state, reason: change.reason }];
    // Unlisted models are not enabled; one that is was listed again while its files went, and begins anew.
    return model.enabled ? [{ ...model, state: 'absent', reason: null }] : [];
  });

/** A model that is unlisted or switched off proves nothing, though it may still be loaded. */
const isServing = (models: readonly NodeModel[]): boolean =>
  models.every((model) => !model.enabled) ||
  models.some((model) => model.enabled && model.state === 'active');

const isHopeless = (models: readonly NodeModel[]): boolean =>
  models.some((model) => model.enabled) &&
  models.every((model) => !model.enabled || model.state === 'failed' || model.state === 'inactive');

const freeSlot = (taken: ReadonlySet<string>): string => {
  let index = 0;
  while (taken.has(`${SLOT_PREFIX}${index}`)) index++;
  return `${SLOT_PREFIX}${index}`;
};

export const nodeMachine = setup({
  types: {} as { context: NodeContext; events: NodeEvent; output: NodeContext },
  actors: {
    openIdentity: promising<{ nodeId: string }, undefined>(),
    probeHost: promising<void, undefined>(),
    joinNetwork: promising<{ network: string; registered: boolean }, undefined>(),
    registerNode: promising<Standing, undefined>(),
    loadConfig: promising<ConfigPlan | null, undefined>(),
    announceConfig: promising<
      void,
      { config: ConfigRef; outcome: ConfigSyncContext['outcome']; failure: Failure | null }
    >(),
    superviseJobs: listening<JobsOrder>(),
    attachRuntime: listening<RuntimeOrder>(),
    closeNode: promising<void, undefined>(),
    link: linkMachine,
    configSync: configSyncMachine,
    model: modelMachine,
    report: reportMachine,
  },
  guards: {
    isRetryable: (_, params: { error: unknown }) => toFailure(params.error).retryable,
    isRegistered: (_, params: { registered: boolean }) => params.registered,
    isActive: (_, params: { standing: Standing }) => params.standing.state === 'active',
    isPending: (_, params: { standing: Standing }) => params.standing.state === 'pending',
    isBusy: (_, params: { load: JobLoad }) => params.load.busy > 0,
    isIdle: (_, params: { load: JobLoad }) => params.load.busy === 0,
    isWorkDone: ({ context }) => context.load.busy === 0,
    isAllDelivered: ({ context }) => context.load.outbox === 0,
    shouldSync: ({ context }) =>
      context.wanted !== null &&
      context.wanted.digest !== context.config?.digest &&
      context.wanted.digest !== context.refusedDigest,
    isOtherConfig: ({ context }, params: { config: ConfigRef }) =>
      params.config.digest !== context.wanted?.digest,
    isProof: ({ context }, params: { change: ModelChanged }) =>
      isServing(withChange(context.models, params.change)),
    isDisproof: ({ context }, params: { change: ModelChanged }) =>
      isHopeless(withChange(context.models, params.change)),
    isModelSlot: (_, params: { actorId: string }) => params.actorId.startsWith(SLOT_PREFIX),
  },
  actions: {
    noteIdentity: assign((_, params: { nodeId: string }) => ({ nodeId: params.nodeId })),
    noteNetwork: assign((_, params: { network: string }) => ({
      network: params.network,
      failures: 0,
      failure: null,
    })),
    noteStanding: assign((_, params: { standing: Standing }) => ({ standing: params.standing })),
    noteFailure: assign(({ context }, params: { error: unknown }) => ({
      failures: context.failures + 1,
      failure: toFailure(params.error),
    })),
    noteRefusal: assign((_, params: { failure: Failure | null }) => ({ failure: params.failure })),
    forgetFailures: assign({ failures: 0, failure: null }),
    noteWanted: assign((_, params: { config: ConfigRef }) => ({ wanted: params.config })),
    noteSync: assign(({ context }, params: { sync: ConfigSyncContext }) => {
      const { outcome, failure, wanted } = params.sync;
      const config = params.sync.fetched ?? wanted;
      const isRefused = outcome === 'rejected' || outcome === 'rolled_back';
      const isSettled = (isRefused || outcome === 'applied') && config.digest === wanted.digest;
      const isSuperseded = context.wanted !== null && context.wanted.digest !== wanted.digest;
      return {
        lastSync: { config, outcome, failure },
        refusedDigest: isRefused ? config.digest : context.refusedDigest,
        // Superseded: on to the next. Not to be had, or handed out as another: the next heartbeat's answer asks again.
        wanted: isSettled || isSuperseded ? context.wanted : null,
      };
    }),
    forgetWanted: assign({ wanted: null }),
    noteLoad: assign((_, params: { load: JobLoad }) => ({ load: params.load })),
    noteServed: assign((_, params: { models: readonly string[] | null }) => ({ served: params.models })),
    noteModel: assign(({ context }, params: { change: ModelChanged }) => ({
      models: withChange(context.models, params.change),
    })),
    /** Makes the living model actors those of the plan: new ones start, unlisted ones remove themselves. */
    adoptPlan: enqueueActions(({ context, enqueue }, params: { plan: ConfigPlan | null }) => {
      if (params.plan === null) return;
      const { config, models: listed } = params.plan;
      const taken = new Set(context.models.map((model) => model.slot));
      const models = listed.map((entry): NodeModel => {
        const known = context.models.find((model) => model.digest === entry.digest);
        if (known !== undefined) {
          enqueue.sendTo(known.slot, { type: 'model.retried' });
          if (known.enabled !== entry.enabled) {
            enqueue.sendTo(known.slot, { type: entry.enabled ? 'model.enabled' : 'model.disabled' });
          }
          const isBack = entry.enabled && !known.enabled;
          return { ...known, ...entry, ...(isBack && { state: 'absent' as const, reason: null }) };
        }
        const slot = freeSlot(taken);
        taken.add(slot);
        enqueue.spawnChild('model', { id: slot, input: entry });
        return { ...entry, slot, state: 'absent', reason: null };
      });
      const leaving = context.models.filter(
        (model) => !listed.some((entry) => entry.digest === model.digest),
      );
      for (const model of leaving) enqueue.sendTo(model.slot, { type: 'model.unlisted' });
      enqueue.assign({
        config,
        models: [
          ...models,
          ...leaving.map(
            (model): NodeModel => ({ ...model, enabled: false, state: 'inactive', reason: null }),
          ),
        ],
      });
    }),
    /** A plan that needs no proof (nothing enabled, or something serves already) is proved at once. */
    judgePlan: enqueueActions(({ context, enqueue }) => {
      if (isServing(context.models)) enqueue.sendTo('configSync', { type: 'config.proved' });
    }),
    /** Tells jobs and Runtime which models there are, and a freshly pending model that the Runtime is up. */
    shareModels: enqueueActions(({ context, enqueue }, params: { change: ModelChanged | null }) => {
      enqueue.sendTo('jobs', { type: 'models.changed', models: context.models });
      enqueue.sendTo('runtime', { type: 'models.changed', models: context.models });
      const { change } = params;
      const model = context.models.find((one) => one.digest === change?.digest);
      if (change?.state === 'pending' && model !== undefined && context.served !== null) {
        enqueue.sendTo(model.slot, { type: 'runtime.ready', models: context.served });
      }
    }),
    retireModel: enqueueActions(({ context, enqueue }, params: { change: ModelChanged }) => {
      const model = context.models.find((one) => one.digest === params.change.digest);
      if (params.change.state !== 'archived' || model === undefined) return;
      enqueue(stopChild(model.slot));
      if (model.enabled) {
        const { id, digest, enabled, slot } = model;
        enqueue.spawnChild('model', { id: slot, input: { id, digest, enabled } });
      }
    }),
    /** Spawned actors outlive the state they were spawned in, unless they are stopped. */
    releaseModels: enqueueActions(({ context, enqueue }) => {
      for (const model of context.models) enqueue(stopChild(model.slot));
      enqueue.assign({ models: [] });
    }),
    /** A model whose actor failed is forgotten; the next configuration sync begins it anew. */
    dropModel: enqueueActions(({ context, enqueue }, params: { slot: string }) => {
      enqueue(stopChild(params.slot));
      enqueue.assign({ models: context.models.filter((model) => model.slot !== params.slot) });
    }),
    tellModelsReady: enqueueActions(({ context, enqueue }, params: { models: readonly string[] }) => {
      for (const model of context.models) {
        if (INSTALLED.has(model.state)) {
          enqueue.sendTo(model.slot, { type: 'runtime.ready', models: params.models });
        }
      }
    }),
    tellModelsLost: enqueueActions(({ context, enqueue }) => {
      for (const model of context.models) enqueue.sendTo(model.slot, { type: 'runtime.lost' });
    }),
    retestModels: enqueueActions(({ context, enqueue }) => {
      for (const model of context.models) enqueue.sendTo(model.slot, { type: 'model.retested' });
    }),
    tellRuntimeLoad: sendTo('runtime', ({ context }: { context: NodeContext }) => ({
      type: 'jobs.changed',
      load: context.load,
    })),
    passToJobs: sendTo('jobs', ({ event }: { event: NodeEvent }) => event),
    tellJobsOnline: sendTo('jobs', { type: 'link.opened' }),
    tellJobsOffline: sendTo('jobs', { type: 'link.lost' }),
    stopAdmitting: sendTo('jobs', { type: 'jobs.drain' }),
    admitAgain: sendTo('jobs', { type: 'jobs.admit' }),
    interruptJobs: sendTo('jobs', { type: 'jobs.interrupt', reason: 'node_stopping' }),
    suspendServing: sendTo('runtime', { type: 'serving.suspended' }),
    resumeServing: sendTo('runtime', { type: 'serving.resumed' }),
    suspectLink: sendTo('link', { type: 'link.suspected' }),
    leaveLink: sendTo('link', { type: 'link.leaving' }),
    /** A new configuration is worth a report at once; its interval holds from then on. */
    requestReport: sendTo('report', { type: 'report.requested' }),
    supersedeSync: sendTo('configSync', { type: 'config.superseded' }),
    proveSync: sendTo('configSync', { type: 'config.proved' }),
    disproveSync: sendTo('configSync', { type: 'config.disproved' }),
  },
  delays: {
    retryDelay: ({ context }) => Math.min(1_000 * 2 ** context.failures, 60_000),
    /** How long running jobs may take to finish after the first order to stop; from the owner's configuration. */
    graceLimit: 8_000,
    /** How long interrupted jobs may take to be signed and journalled. */
    interruptLimit: 2_000,
    /** How long the last results may take to be acknowledged. */
    deliverLimit: 1_000,
  },
}).createMachine({
  id: 'node',
  description: 'A node in one network, from its identity to a clean stop.',
  options: { maxIterations: 1_000 },
  context: {
    nodeId: null,
    network: null,
    standing: null,
    config: null,
    wanted: null,
    refusedDigest: null,
    lastSync: null,
    models: [],
    served: null,
    load: { busy: 0, outbox: 0 },
    failures: 0,
    failure: null,
  },
  output: ({ context }) => context,
  initial: 'setup',
  states: {
    setup: {
      description: 'Identity, host, network, registration: once in a life, checked at every start.',
      on: { 'node.stop': 'stopped' },
      initial: 'openingIdentity',
      states: {
        openingIdentity: {
          description: 'Opens the key, or makes it at the very first start.',
          invoke: {
            id: 'openIdentity',
            src: 'openIdentity',
            onDone: {
              target: 'probingHost',
              actions: { type: 'noteIdentity', params: ({ event }) => event.output },
            },
            onError: {
              target: '#node.halted',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
        },
        probingHost: {
          description: 'Looks at GPUs, CPU, memory and disk. What cannot be seen is left out.',
          invoke: {
            id: 'probeHost',
            src: 'probeHost',
            onDone: 'joiningNetwork',
            onError: {
              target: 'joiningNetwork',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
        },
        joiningNetwork: {
          description: "Pins the network's trust root at first contact; later starts need no network here.",
          invoke: {
            id: 'joinNetwork',
            src: 'joinNetwork',
            onDone: [
              {
                guard: {
                  type: 'isRegistered',
                  params: ({ event }) => ({ registered: event.output.registered }),
                },
                target: '#node.operating',
                actions: { type: 'noteNetwork', params: ({ event }) => ({ network: event.output.network }) },
              },
              {
                target: 'registering',
                actions: { type: 'noteNetwork', params: ({ event }) => ({ network: event.output.network }) },
              },
            ],
            onError: [
              {
                guard: { type: 'isRetryable', params: ({ event }) => ({ error: event.error }) },
                target: 'waitingToJoin',
                actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
              },
              {
                target: '#node.halted',
                actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
              },
            ],
          },
        },
        waitingToJoin: {
          description: 'The network cannot be reached; tries again with growing pauses.',
          after: { retryDelay: 'joiningNetwork' },
        },
        registering: {
          description: 'Sends public key and hardware profile, signed. Never repeated once accepted.',
          invoke: {
            id: 'registerNode',
            src: 'registerNode',
            onDone: {
              target: '#node.operating',
              actions: [
                { type: 'noteStanding', params: ({ event }) => ({ standing: event.output }) },
                'forgetFailures',
              ],
            },
            onError: [
              {
                guard: { type: 'isRetryable', params: ({ event }) => ({ error: event.error }) },
                target: 'waitingToRegister',
                actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
              },
              {
                target: '#node.halted',
                actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
              },
            ],
          },
        },
        waitingToRegister: {
          description: 'The network could not take the registration; tries again with growing pauses.',
          after: { retryDelay: 'registering' },
        },
      },
    },
    operating: {
      description: 'Registered: everything below happens at once, with or without a connection.',
      type: 'parallel',
      exit: 'releaseModels',
      invoke: [
        {
          id: 'jobs',
          src: 'superviseJobs',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'runtime',
          src: 'attachRuntime',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'link',
          src: 'link',
          // Nobody leaves while the node operates: if the link ends, no session will ever come again.
          onDone: {
            target: 'halted',
            actions: { type: 'noteRefusal', params: ({ event }) => ({ failure: event.output.failure }) },
          },
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'report',
          src: 'report',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
      ],
      states: {
        link: {
          description: 'Whether the network can be spoken to right now.',
          initial: 'registered',
          on: {
            'link.refused': {
              target: '#node.halted',
              actions: { type: 'noteRefusal', params: ({ event }) => ({ failure: event.failure }) },
            },
            'link.suspected': { actions: 'suspectLink' },
          },
          states: {
            registered: {
              description: 'Known to the network, not connected: dialing, or waiting to dial again.',
              on: { 'link.opened': 'connected' },
            },
            connected: {
              description: 'An authenticated session with heartbeats.',
              entry: 'tellJobsOnline',
              exit: 'tellJobsOffline',
              on: {
                'link.lost': 'registered',
                'job.offered': { actions: 'passToJobs' },
                'job.cancelled': { actions: 'passToJobs' },
                'result.acknowledged': { actions: 'passToJobs' },
              },
            },
          },
        },
        standing: {
          description: 'What the network thinks of this node.',
          initial: 'awaitingOwner',
          on: {
            'standing.changed': [
              {
                guard: { type: 'isActive', params: ({ event }) => ({ standing: event.standing }) },
                target: '.eligible',
                actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
              },
              {
                guard: { type: 'isPending', params: ({ event }) => ({ standing: event.standing }) },
                target: '.awaitingOwner',
                actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
              },
              {
                target: '.excluded',
                actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
              },
            ],
          },
          states: {
            awaitingOwner: { description: 'No account has claimed it yet: it earns nothing. Not an error.' },
            eligible: { description: 'Bound to an account and in the scheduling pool.' },
            excluded: {
              description: 'Paused, frozen or cooling down by the network; the standing says why.',
            },
          },
        },
        work: {
          description: 'What it does with jobs.',
          initial: 'idle',
          on: { 'node.stop': '.stopping' },
          states: {
            idle: {
              description: 'Ready, nothing to do.',
              on: {
                'jobs.changed': [
                  {
                    guard: { type: 'isBusy', params: ({ event }) => ({ load: event.load }) },
                    target: 'executing',
                    actions: [
                      { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                      'tellRuntimeLoad',
                    ],
                  },
                  {
                    actions: [
                      { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                      'tellRuntimeLoad',
                    ],
                  },
                ],
                'node.drain': 'draining',
                'node.pause': 'paused',
              },
            },
            executing: {
              description: 'At least one accepted attempt is not yet signed.',
              on: {
                'jobs.changed': [
                  {
                    guard: { type: 'isIdle', params: ({ event }) => ({ load: event.load }) },
                    target: 'idle',
                    actions: [
                      { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                      'tellRuntimeLoad',
                    ],
                  },
                  {
                    actions: [
                      { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                      'tellRuntimeLoad',
                    ],
                  },
                ],
                'node.drain': 'draining',
                'node.pause': 'paused',
              },
            },
            draining: {
              description: 'Finishes what it has and takes no more; results still go out.',
              entry: 'stopAdmitting',
              on: {
                'jobs.changed': {
                  actions: [
                    { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                    'tellRuntimeLoad',
                  ],
                },
                'node.resume': { target: 'admitting' },
                'node.pause': 'paused',
              },
            },
            paused: {
              description: 'Drained, then the GPU is given back to its owner.',
              entry: 'stopAdmitting',
              initial: 'finishing',
              on: {
                'jobs.changed': {
                  actions: [
                    { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                    'tellRuntimeLoad',
                  ],
                },
                'node.resume': 'admitting',
              },
              states: {
                finishing: {
                  description: 'Running jobs end first.',
                  always: { guard: 'isWorkDone', target: 'freed' },
                },
                freed: {
                  description:
                    'The Runtime is stopped: its memory is the owner’s. An order to stop leaves it so.',
                  entry: 'suspendServing',
                  on: {
                    'node.resume': { target: '#node.operating.work.admitting', actions: 'resumeServing' },
                  },
                },
              },
            },
            admitting: {
              description: 'Takes jobs again.',
              entry: 'admitAgain',
              always: [{ guard: 'isWorkDone', target: 'idle' }, { target: 'executing' }],
            },
            stopping: {
              description: 'Ordered to stop: drains with a deadline; a second order cuts it short.',
              initial: 'finishing',
              on: {
                'jobs.changed': {
                  actions: { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
                },
              },
              states: {
                finishing: {
                  description: 'Running jobs may end within the grace time.',
                  entry: 'stopAdmitting',
                  always: { guard: 'isWorkDone', target: 'delivering' },
                  after: { graceLimit: 'interrupting' },
                  on: { 'node.stop': 'interrupting' },
                },
                interrupting: {
                  description: 'What still runs is cut off, signed as interrupted and handed back.',
                  entry: 'interruptJobs',
                  always: { guard: 'isWorkDone', target: 'delivering' },
                  after: { interruptLimit: 'closing' },
                  on: { 'node.stop': 'closing' },
                },
                delivering: {
                  description:
                    'The last results may still be acknowledged; what is not goes out after the next start.',
                  always: { guard: 'isAllDelivered', target: 'closing' },
                  after: { deliverLimit: 'closing' },
                  on: { 'node.stop': 'closing' },
                },
                closing: {
                  description:
                    'Says goodbye and lets go of the link: ends as soon as the network has hung up.',
                  entry: 'leaveLink',
                  invoke: {
                    id: 'closeNode',
                    src: 'closeNode',
                    onDone: '#node.stopped',
                    onError: {
                      target: '#node.stopped',
                      actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
                    },
                  },
                  on: { 'node.stop': '#node.stopped', 'xstate.done.actor.link': '#node.stopped' },
                },
              },
            },
          },
        },
        config: {
          description: 'Following the signed configuration.',
          initial: 'loading',
          states: {
            loading: {
              description: 'Takes up the last known configuration from disk.',
              invoke: {
                id: 'loadConfig',
                src: 'loadConfig',
                onDone: {
                  target: 'current',
                  actions: [
                    { type: 'adoptPlan', params: ({ event }) => ({ plan: event.output }) },
                    { type: 'shareModels', params: { change: null } },
                  ],
                },
                onError: {
                  target: 'current',
                  actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
                },
              },
              on: {
                'config.offered': {
                  actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
                },
              },
            },
            current: {
              description:
                'The snapshot in force is the one the network wants, or the last one that could be trusted.',
              always: { guard: 'shouldSync', target: 'syncing' },
              on: {
                'config.offered': {
                  actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
                },
              },
            },
            syncing: {
              description: 'A newer snapshot is being fetched, verified, applied and proved.',
              invoke: {
                id: 'configSync',
                src: 'configSync',
                input: ({ context }) => ({
                  held: context.config,
                  wanted: context.wanted ?? { version: 0, digest: '' },
                }),
                onDone: {
                  target: 'announcing',
                  actions: { type: 'noteSync', params: ({ event }) => ({ sync: event.output }) },
                },
                // A fault of ours: not at once again, but when the network asks again.
                onError: {
                  target: 'current',
                  actions: [
                    { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
                    'forgetWanted',
                  ],
                },
              },
              on: {
                'config.inForce': {
                  actions: [
                    { type: 'adoptPlan', params: ({ event }) => ({ plan: event.plan }) },
                    { type: 'shareModels', params: { change: null } },
                    'judgePlan',
                    'requestReport',
                  ],
                },
                'config.offered': {
                  guard: { type: 'isOtherConfig', params: ({ event }) => ({ config: event.config }) },
                  actions: [
                    { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
                    'supersedeSync',
                  ],
                },
                'model.changed': [
                  {
                    guard: { type: 'isProof', params: ({ event }) => ({ change: event }) },
                    actions: 'proveSync',
                  },
                  {
                    guard: { type: 'isDisproof', params: ({ event }) => ({ change: event }) },
                    actions: 'disproveSync',
                  },
                ],
              },
            },
            announcing: {
              description: 'Tells the network what became of its snapshot.',
              invoke: {
                id: 'announceConfig',
                src: 'announceConfig',
                input: ({ context }) => ({
                  config: context.lastSync?.config ?? { version: 0, digest: '' },
                  outcome: context.lastSync?.outcome ?? null,
                  failure: context.lastSync?.failure ?? null,
                }),
                onDone: 'current',
                onError: 'current',
              },
              on: {
                'config.offered': {
                  actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
                },
              },
            },
          },
        },
        models: {
          description: 'The listed models, each an actor in a bounded slot.',
          initial: 'tended',
          states: {
            tended: {
              description: 'Follows each model’s state and tells jobs and Runtime.',
              on: {
                'model.changed': {
                  actions: [
                    { type: 'retireModel', params: ({ event }) => ({ change: event }) },
                    { type: 'noteModel', params: ({ event }) => ({ change: event }) },
                    { type: 'shareModels', params: ({ event }) => ({ change: event }) },
                  ],
                },
                'model.retested': { actions: 'retestModels' },
                // Only models: a region's handler hides those of the states around it.
                'xstate.error.actor.*': {
                  guard: { type: 'isModelSlot', params: ({ event }) => ({ actorId: event.actorId }) },
                  actions: [
                    { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
                    { type: 'dropModel', params: ({ event }) => ({ slot: event.actorId }) },
                    { type: 'shareModels', params: { change: null } },
                  ],
                },
              },
            },
          },
        },
        serving: {
          description: 'Whether the Runtime serves.',
          initial: 'unserved',
          states: {
            unserved: {
              description: 'No Runtime is ready.',
              on: {
                'runtime.ready': {
                  target: 'served',
                  actions: [
                    { type: 'noteServed', params: ({ event }) => ({ models: event.models }) },
                    { type: 'tellModelsReady', params: ({ event }) => ({ models: event.models }) },
                  ],
                },
              },
            },
            served: {
              description: 'The Runtime answers for the models it was started with.',
              on: {
                'runtime.lost': {
                  target: 'unserved',
                  actions: [{ type: 'noteServed', params: { models: null } }, 'tellModelsLost'],
                },
              },
            },
          },
        },
      },
    },
    halted: {
      description: 'Only the owner can help; the failure says how. Stays up, not ready.',
      on: { 'node.stop': 'stopped' },
    },
    stopped: { type: 'final', description: 'Ended cleanly; unfinished work is in the journal.' },
  },
});

export type NodeActor = ActorRefFrom<typeof nodeMachine>;
