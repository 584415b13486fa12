// Everything the states of the Runtime's chart refer to by name: services, guards, actions, delays.
import { assign, emit, sendTo, setup } from 'xstate';
import { type Failure, toFailure } from '../../errors.js';
import { listening, promising } from '../declare.js';
import { backoffMs } from './back-off.js';
import { isFinal } from './final-failure.js';
import { canRollBack, isSame, NO_NEXT } from './runtime-context.js';
import type {
  Judgement,
  RuntimeContext,
  RuntimeEvent,
  RuntimeInput,
  RuntimeNews,
  SpecRef,
  WatchOrder,
} from './runtime-events.js';

/** Failures of a new spec after which the proven one before it is taken up again. */
export const ROLL_BACK_AFTER = 2;

const condemned = (message: string, advice: string): Failure => ({
  code: 'RUNTIME_CONDEMNED',
  message,
  retryable: true,
  advice,
});

export const runtimeSetup = setup({
  types: {} as {
    input: RuntimeInput | undefined;
    context: RuntimeContext;
    events: RuntimeEvent;
    output: RuntimeContext;
    emitted: RuntimeNews;
  },
  actors: {
    recallFailures: promising<Judgement, { specHash: string }>(),
    recordFailure: promising<Judgement, { specHash: string; failure: Failure | null }>(),
    forgetFailures: promising<void, undefined>(),
    prepareRuntime: promising<void, { specHash: string }>(),
    prepareNext: promising<void, { specHash: string }>(),
    startRuntime: promising<void, { specHash: string }>(),
    warmRuntime: promising<void, { specHash: string }>(),
    watchRuntime: listening<WatchOrder, { specHash: string }>(),
    stopRuntime: promising<void, undefined>(),
    clearLeftovers: promising<void, undefined>(),
  },
  guards: {
    isOtherSpec: ({ context }, params: { spec: SpecRef }) => !isSame(params.spec, context.wanted),
    isWanted: ({ context }) => context.wanted !== null,
    isUnwanted: ({ context }) => context.wanted === null,
    isFaulted: ({ context }) => context.fault !== null,
    hasNext: ({ context: { wanted, spec, rejected } }) =>
      wanted !== null && !isSame(wanted, spec) && wanted.specHash !== rejected?.specHash,
    hasRejected: ({ context }) => context.rejected !== null,
    isFinal: (_, params: { error: unknown }) => isFinal(toFailure(params.error)),
    isQuarantined: (_, params: { judgement: Judgement }) => params.judgement.isQuarantined,
    isUnfit: ({ context }, params: { judgement: Judgement }) =>
      params.judgement.isQuarantined && canRollBack(context),
    isHopeless: ({ context }, { judgement }: { judgement: Judgement }) =>
      (judgement.isQuarantined || judgement.failures >= ROLL_BACK_AFTER) && canRollBack(context),
    /** Another is wanted now. One that has served is kept up, if it can be, until the next one is prepared. */
    isSuperseded: ({ context }, { judgement }: { judgement: Judgement }) => {
      const { spec, wanted, proven, rejected, next } = context;
      if (isSame(spec, wanted) || wanted?.specHash === rejected?.specHash) return false;
      return !isSame(spec, proven) || next.isPrepared || judgement.isQuarantined;
    },
    hasToWait: (_, params: { judgement: Judgement }) => params.judgement.waitMs > 0,
  },
  actions: {
    /** Earlier failures say nothing about another spec. */
    noteWanted: assign((_, params: { spec: SpecRef }) => ({
      wanted: params.spec,
      rejected: null,
      next: NO_NEXT,
    })),
    forgetWanted: assign({ wanted: null, rejected: null, next: NO_NEXT }),
    adoptWanted: assign(({ context }) => ({
      spec: context.wanted,
      rejected: null,
      next: NO_NEXT,
      failures: 0,
      failure: isSame(context.spec, context.wanted) ? context.failure : null,
    })),
    forgetSpec: assign({
      wanted: null,
      spec: null,
      rejected: null,
      next: NO_NEXT,
      failures: 0,
      fault: null,
      failure: null,
    }),
    announceRollBack: emit(({ context }, { judgement }: { judgement: Judgement }) => ({
      type: 'runtime.rolledBack',
      from: context.spec?.specHash ?? '',
      to: context.proven?.specHash ?? '',
      failure: judgement.failure,
    })),
    rollBack: assign(({ context }, { judgement }: { judgement: Judgement }) => ({
      spec: context.proven,
      rejected: { specHash: context.spec?.specHash ?? '', failure: judgement.failure },
      failures: 0,
    })),
    noteFault: assign((_, params: { error: unknown }) => {
      const failure = toFailure(params.error);
      return { fault: failure, failure };
    }),
    noteEnd: assign((_, params: { failure: Failure }) => ({
      fault: params.failure,
      failure: params.failure,
    })),
    noteTooSlow: assign(() => {
      const failure = condemned(
        'not ready within the limit',
        'Read the log of the engine: it may be loading from a slow disk, or wait for something.',
      );
      return { fault: failure, failure };
    }),
    noteTooDoubtful: assign(({ context }) => {
      const failure = condemned(
        `suspect for too long: ${context.doubt ?? 'no reason given'}`,
        'Read the log of the engine; the node replaces it by itself.',
      );
      return { fault: failure, failure };
    }),
    clearFault: assign({ fault: null, doubt: null }),
    noteJudgement: assign((_, { judgement }: { judgement: Judgement }) => ({
      failures: judgement.failures,
      waitMs: judgement.waitMs,
      retryAtMs: judgement.retryAtMs,
      ...(judgement.failure !== null && { failure: judgement.failure }),
    })),
    clearWait: assign({ retryAtMs: null }),
    forgetFailures: assign({ failures: 0, failure: null }),
    tellWatchHealthy: sendTo('watch', { type: 'failures.forget' } satisfies WatchOrder),
    noteTrouble: assign((_, params: { error: unknown }) => ({ failure: toFailure(params.error) })),
    noteStopFailure: assign(({ context }, params: { error: unknown }) => ({
      stopFailures: context.stopFailures + 1,
      failure: toFailure(params.error),
    })),
    clearStopFailures: assign({ stopFailures: 0 }),
    countStart: assign(({ context }) => ({ starts: context.starts + 1, isControlled: true })),
    noteProven: assign(({ context }) => ({ proven: context.spec, doubt: null })),
    noteDoubt: assign((_, params: { reason: string }) => ({ doubt: params.reason })),
    loseControl: assign({ isControlled: false }),
    regainControl: assign({ isControlled: true }),
    noteNextPrepared: assign({ next: { ...NO_NEXT, isPrepared: true } }),
    noteNextFailure: assign(({ context }, params: { error: unknown }) => ({
      next: {
        isPrepared: false,
        failures: context.next.failures + 1,
        failure: toFailure(params.error),
      },
    })),
    rejectNext: assign(({ context }, params: { error: unknown }) => ({
      rejected: { specHash: context.wanted?.specHash ?? '', failure: toFailure(params.error) },
      next: NO_NEXT,
    })),
    forgetRejected: assign({ rejected: null, next: NO_NEXT }),
  },
  delays: {
    /** The outermost bound, provided from the engine's definition; one whose log stands still is given up before. */
    warmLimit: 20 * 60_000,
    suspectLimit: 15_000,
    drainLimit: 60_000,
    /** Served this long, it has proved itself and earlier failures are forgotten. */
    healthyAfter: 10 * 60_000,
    backoffDelay: ({ context }) => context.waitMs,
    /** Jitter is provided at the composition root. */
    nextDelay: ({ context }) => backoffMs(context.next.failures),
    stopDelay: ({ context }) => backoffMs(context.stopFailures),
  },
});
