// Everything the regions of the node's chart refer to by name: services, children, guards, actions, delays.
import { assign, enqueueActions, sendTo, setup, stopChild } from 'xstate';
import { type Failure, toFailure } from '../../errors.js';
import type { ConfigRef, Standing } from '../../protocol/messages/session.js';
import { type ConfigPlan, type ConfigSyncContext, configSyncMachine } from '../config-sync-machine.js';
import { listening, promising } from '../declare.js';
import { linkMachine } from '../link-machine.js';
import { type ModelChanged, modelMachine } from '../model-machine.js';
import { reportMachine } from '../report-machine.js';
import {
  freeSlot,
  INSTALLED,
  isHopeless,
  isHopelessWith,
  isServing,
  SLOT_PREFIX,
  withChange,
} from './model-books.js';
import type { JobLoad, JobsOrder, NodeContext, NodeEvent, NodeModel, RuntimeOrder } from './node-events.js';
import {
  type HeldOrder,
  isDoneAlready,
  MAX_WAITING_ORDERS,
  type NodeOrder,
  type OrderAnswered,
  type OrderRequest,
  refusalOf,
} from './order-book.js';

const answerTo = (
  request: OrderRequest,
  outcome: OrderAnswered['outcome'],
  reason: string | null = null,
): OrderAnswered => ({ type: 'order.answered', request, outcome, reason, failure: null });

export const nodeSetup = setup({
  types: {} as { context: NodeContext; events: NodeEvent; output: NodeContext; emitted: OrderAnswered },
  actors: {
    openIdentity: promising<{ nodeId: string }, undefined>(),
    probeHost: promising<void, undefined>(),
    joinNetwork: promising<{ network: string; registered: boolean }, undefined>(),
    registerNode: promising<Standing, undefined>(),
    recallOrder: promising<HeldOrder | null, undefined>(),
    recordOrder: promising<HeldOrder | null, { order: NodeOrder | null }>(),
    awaitOrderEnd: promising<void, { atMonotonicMs: number }>(),
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
    isDrainOrdered: ({ context }) => context.order?.kind === 'drain',
    isPauseOrdered: ({ context }) => context.order?.kind === 'pause',
    isUnordered: ({ context }) => context.order === null,
    hasOrderEnd: ({ context }) => context.order?.endsMonotonicMs != null,
    isOrderWaiting: ({ context }) => context.asked.length > 0,
    isNextRefused: ({ context: { order, asked } }) =>
      asked[0] !== undefined && refusalOf(order, asked[0]) !== null,
    isNextDone: ({ context: { order, asked } }) => asked[0] !== undefined && isDoneAlready(order, asked[0]),
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
    /** Models that another network’s Runtime keeps from being tested say nothing about a configuration. */
    isDisproof: ({ context }, params: { change: ModelChanged }) =>
      context.taken === null && isHopeless(withChange(context.models, params.change)),
    isLastHope: ({ context }, params: { kept: readonly string[] }) =>
      isHopelessWith(context.models, params.kept),
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
    takeOrder: enqueueActions(({ context, enqueue }, { request }: { request: OrderRequest }) => {
      if (context.asked.length < MAX_WAITING_ORDERS) enqueue.assign({ asked: [...context.asked, request] });
      else enqueue.emit(answerTo(request, 'refused', 'too_many'));
    }),
    dropNext: assign(({ context }) => ({ asked: context.asked.slice(1) })),
    refuseNext: enqueueActions(({ context: { asked, order }, enqueue }) => {
      const [request] = asked;
      if (request !== undefined) enqueue.emit(answerTo(request, 'refused', refusalOf(order, request)));
    }),
    confirmNext: enqueueActions(({ context, enqueue }) => {
      const [request] = context.asked;
      if (request !== undefined) enqueue.emit(answerTo(request, 'done'));
    }),
    failNext: enqueueActions(({ context, enqueue }, { error }: { error: unknown }) => {
      const [request] = context.asked;
      if (request !== undefined)
        enqueue.emit({ ...answerTo(request, 'failed', 'not_recorded'), failure: toFailure(error) });
    }),
    adoptOrder: assign((_, params: { order: HeldOrder | null }) => ({ order: params.order })),
    forgetOrder: assign({ order: null }),
    noteLoad: assign((_, params: { load: JobLoad }) => ({ load: params.load })),
    noteServed: assign((_, params: { models: readonly string[] | null }) => ({ served: params.models })),
    noteTaken: assign((_, params: { failure: Failure }) => ({ taken: params.failure })),
    forgetTaken: assign({ taken: null }),
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
    /** A plan that needs no proof (nothing enabled, or something serves already) or can have none is proved at once. */
    judgePlan: enqueueActions(({ context, enqueue }) => {
      if (isServing(context.models) || context.taken !== null)
        enqueue.sendTo('configSync', { type: 'config.proved' });
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
      enqueue.assign({ models: [], taken: null });
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
    tellModelsGivenUp: enqueueActions(
      ({ context, enqueue }, params: { digests: readonly string[]; failure: Failure }) => {
        for (const { slot, digest } of context.models) {
          if (params.digests.includes(digest)) {
            enqueue.sendTo(slot, { type: 'runtime.givenUp', failure: params.failure });
          }
        }
      },
    ),
    tellModelsTaken: enqueueActions(({ context, enqueue }) => {
      for (const model of context.models) enqueue.sendTo(model.slot, { type: 'runtime.taken' });
    }),
    /** Those that failed for another reason lose nothing by it. */
    retryModels: enqueueActions(({ context, enqueue }) => {
      for (const model of context.models) enqueue.sendTo(model.slot, { type: 'model.retried' });
    }),
    retestModel: enqueueActions(({ context, enqueue }, { digest }: { digest: string }) => {
      for (const model of context.models)
        if (model.digest === digest) enqueue.sendTo(model.slot, { type: 'model.retested' });
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
    /** What was taken up from disk says how long to wait; nothing is sent for it. */
    rescheduleReport: sendTo('report', { type: 'report.rescheduled' }),
    supersedeSync: sendTo('configSync', { type: 'config.superseded' }),
    proveSync: sendTo('configSync', { type: 'config.proved' }),
    disproveSync: sendTo('configSync', (_, { failure }: { failure: Failure | null }) => ({
      type: 'config.disproved',
      failure,
    })),
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
});
