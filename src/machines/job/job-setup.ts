// Everything the states of an attempt's chart refer to by name: services, guards, actions, delays.
import { assign, sendParent, setup } from 'xstate';
import { toFailure } from '../../errors.js';
import type { DeclineCode, OutcomeCode, ResultVerdict } from '../../protocol/codes.js';
import { listening, promising } from '../declare.js';
import type {
  Attempt,
  InferenceEnd,
  JobContext,
  JobEvent,
  JobInput,
  Sending,
  Validation,
} from './job-events.js';

/** The network's words for why an attempt could not be recorded; whatever else it was, the journal failed. */
const DECLINED_BY_JOURNAL: Readonly<Record<string, DeclineCode>> = {
  JOURNAL_DUPLICATE_ATTEMPT: 'duplicate',
  JOURNAL_FULL: 'busy',
};

export const jobSetup = setup({
  types: {} as { input: JobInput; context: JobContext; events: JobEvent; output: JobContext },
  actors: {
    validateJob: promising<Validation, Attempt>(),
    recordJob: promising<void, Attempt>(),
    declineJob: promising<void, Attempt & { code: DeclineCode; param: string | null }>(),
    holdSlot: listening<JobEvent, Attempt>(),
    watchDeadline: listening<JobEvent, { atMonotonicMs: number }>(),
    runInference: promising<InferenceEnd, Attempt>(),
    signReceipt: promising<void, Attempt & { outcome: OutcomeCode; reason: string | null }>(),
    holdPlace: listening<JobEvent, Sending>(),
    submitResult: promising<void, Attempt>(),
    watchOutbox: listening<JobEvent, { atEpochMs: number }>(),
    concludeJob: promising<void, Attempt & { verdict: ResultVerdict }>(),
  },
  guards: {
    wasFinished: ({ context }) => context.resumption === 'finished',
    wasUnfinished: ({ context }) => context.resumption === 'unfinished',
    isRefused: (_, params: { validation: Validation }) => params.validation !== null,
    /** The journal has lost the record, or never had it: no second try will find it. */
    isForgotten: (_, params: { error: unknown }) =>
      toFailure(params.error).code === 'JOURNAL_UNKNOWN_ATTEMPT',
    hasEnded: ({ context }) => context.outcome !== null,
  },
  actions: {
    noteRefusal: assign((_, params: { validation: Validation }) => ({
      decline: params.validation?.code ?? null,
      param: params.validation?.param ?? null,
    })),
    declineAs: assign((_, params: { code: DeclineCode; error: unknown }) => ({
      decline: params.code,
      failure: toFailure(params.error),
    })),
    declineUnrecorded: assign((_, params: { error: unknown }) => {
      const failure = toFailure(params.error);
      return { decline: DECLINED_BY_JOURNAL[failure.code] ?? 'journal_failed', failure };
    }),
    noteEnd: assign((_, params: InferenceEnd) => ({ outcome: params.outcome, reason: params.reason })),
    noteFailure: assign((_, params: { error: unknown }) => ({ failure: toFailure(params.error) })),
    noteVerdict: assign((_, params: { verdict: ResultVerdict }) => ({ verdict: params.verdict })),
    noteLate: assign({ isLate: true }),
    reportSilence: sendParent({ type: 'link.suspected' }),
  },
  delays: {
    retryDelay: 1_000,
    /** A session without an acknowledgement for this long is suspect: protocol.md 1.5. */
    ackLimit: 60_000,
  },
});
