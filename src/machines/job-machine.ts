// One attempt of one job, from its offer to the network's acknowledgement.
// Holds no prompt, output or token: those live in the journal and in the execution's own record.
import { assign, sendParent, setup } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import type { DeclineCode, OutcomeCode, ResultVerdict } from '../protocol/codes.js';
import type { Endpoint } from '../protocol/openai/endpoint.js';
import { listening, promising } from './declare.js';

/** A job named together with its attempt; services find everything else by it. */
export interface Attempt {
  readonly job: string;
  readonly attempt: number;
}

/** How far an earlier process got with this attempt: the journal says it. */
export type JobResumption = 'new' | 'unfinished' | 'finished';

export interface JobInput extends Attempt {
  readonly resumption: JobResumption;
  readonly model: string;
  readonly endpoint: Endpoint;
  readonly streamed: boolean;
  /** When it was taken: the outbox sends the oldest first; milliseconds since the epoch. */
  readonly acceptedMs: number;
  /** When execution must have ended; monotonic milliseconds. */
  readonly deadlineMs: number;
  /** When an undelivered result is given up; milliseconds since the epoch. */
  readonly outboxUntilMs: number;
}

export interface JobContext extends JobInput {
  /** Its result has missed a session: it stands in line behind older ones, and lets new ones pass. */
  readonly isLate: boolean;
  readonly decline: DeclineCode | null;
  readonly param: string | null;
  readonly outcome: OutcomeCode | null;
  readonly reason: string | null;
  readonly verdict: ResultVerdict | null;
  readonly failure: Failure | null;
}

export type JobEvent =
  | { type: 'slot.granted' }
  | { type: 'deadline.passed' }
  | { type: 'job.cancelled'; reason: string }
  | { type: 'job.interrupted'; reason: string }
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'place.granted' }
  | { type: 'result.acknowledged'; verdict: ResultVerdict }
  | { type: 'outbox.expired' }
  /** The node ends; what is owed stays in the journal. */
  | { type: 'job.released' };

/** A result that asks to be sent. */
export interface Sending {
  readonly acceptedMs: number;
  readonly isLate: boolean;
}

/** What validation found: null, or why the offer is declined. */
export type Validation = { readonly code: DeclineCode; readonly param: string | null } | null;

/** How an execution ended, as the engine's service tells it. Counts and digests stay in the journal. */
export interface InferenceEnd {
  readonly outcome: OutcomeCode;
  readonly reason: string | null;
}

/** The network's words for why an attempt could not be recorded; whatever else it was, the journal failed. */
const DECLINED_BY_JOURNAL: Readonly<Record<string, DeclineCode>> = {
  JOURNAL_DUPLICATE_ATTEMPT: 'duplicate',
  JOURNAL_FULL: 'busy',
};

const attemptOf = ({ context }: { context: JobContext }): Attempt => ({
  job: context.job,
  attempt: context.attempt,
});

export const jobMachine = setup({
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
}).createMachine({
  id: 'job',
  description:
    'One attempt of one job: validated, recorded, run, signed, submitted, and kept until the network acknowledged it.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    ...input,
    isLate: input.resumption !== 'new',
    decline: null,
    param: null,
    outcome: null,
    reason: null,
    verdict: null,
    failure: null,
  }),
  output: ({ context }) => context,
  initial: 'received',
  on: { 'job.released': '.released' },
  states: {
    received: {
      description:
        'Chooses the entry: a new offer is validated, one that an earlier process accepted goes on from its record.',
      always: [
        { guard: 'wasFinished', target: 'signing' },
        {
          guard: 'wasUnfinished',
          target: 'signing',
          actions: { type: 'noteEnd', params: { outcome: 'interrupted', reason: 'agent_restarted' } },
        },
        { target: 'validating' },
      ],
    },
    validating: {
      description:
        'Checks the offer against the applied configuration, the installed models and the allowlist.',
      invoke: {
        id: 'validateJob',
        src: 'validateJob',
        input: attemptOf,
        onDone: [
          {
            guard: { type: 'isRefused', params: ({ event }) => ({ validation: event.output }) },
            target: 'declining',
            actions: { type: 'noteRefusal', params: ({ event }) => ({ validation: event.output }) },
          },
          { target: 'recording' },
        ],
        onError: {
          target: 'declining',
          actions: { type: 'declineAs', params: ({ event }) => ({ code: 'malformed', error: event.error }) },
        },
      },
      on: {
        // Withdrawn before anything was promised: there is nobody left to tell.
        'job.cancelled': 'declined',
        'job.interrupted': {
          target: 'declining',
          actions: { type: 'noteRefusal', params: { validation: { code: 'draining', param: null } } },
        },
      },
    },
    recording: {
      description:
        'Writes the attempt to the journal; only when it is on disk does the accept leave. What ends it meanwhile is kept until then.',
      invoke: {
        id: 'recordJob',
        src: 'recordJob',
        input: attemptOf,
        onDone: [{ guard: 'hasEnded', target: 'signing' }, { target: 'executing' }],
        onError: {
          target: 'declining',
          actions: { type: 'declineUnrecorded', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'job.cancelled': {
          actions: {
            type: 'noteEnd',
            params: ({ event }) => ({ outcome: 'cancelled', reason: event.reason }),
          },
        },
        'job.interrupted': {
          actions: {
            type: 'noteEnd',
            params: ({ event }) => ({ outcome: 'interrupted', reason: event.reason }),
          },
        },
      },
    },
    executing: {
      description:
        'Accepted: the deadline runs, and the network may cancel. Leaving this state aborts the engine request.',
      invoke: [
        {
          id: 'slot',
          src: 'holdSlot',
          input: attemptOf,
          onError: {
            target: 'signing',
            actions: [
              { type: 'noteEnd', params: { outcome: 'internal', reason: 'slot_failed' } },
              { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            ],
          },
        },
        {
          id: 'deadline',
          src: 'watchDeadline',
          input: ({ context }) => ({ atMonotonicMs: context.deadlineMs }),
          onError: {
            target: 'signing',
            actions: [
              { type: 'noteEnd', params: { outcome: 'internal', reason: 'deadline_failed' } },
              { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            ],
          },
        },
      ],
      on: {
        'deadline.passed': {
          target: 'signing',
          actions: { type: 'noteEnd', params: { outcome: 'expired', reason: 'deadline' } },
        },
        'job.cancelled': {
          target: 'signing',
          actions: {
            type: 'noteEnd',
            params: ({ event }) => ({ outcome: 'cancelled', reason: event.reason }),
          },
        },
        'job.interrupted': {
          target: 'signing',
          actions: {
            type: 'noteEnd',
            params: ({ event }) => ({ outcome: 'interrupted', reason: event.reason }),
          },
        },
      },
      initial: 'queued',
      states: {
        queued: {
          description: 'Waits for a free slot of the Runtime.',
          on: { 'slot.granted': 'running' },
        },
        running: {
          description:
            'The Runtime works on it. Deltas flow past this chart, from the engine to the outbound lane.',
          invoke: {
            id: 'runInference',
            src: 'runInference',
            input: attemptOf,
            onDone: {
              target: '#job.signing',
              actions: { type: 'noteEnd', params: ({ event }) => event.output },
            },
            onError: {
              target: '#job.signing',
              actions: [
                { type: 'noteEnd', params: { outcome: 'internal', reason: 'service_failed' } },
                { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
              ],
            },
          },
        },
      },
    },
    signing: {
      description:
        'Seals the execution in the journal, records the receipt body once, then signs it. From here on the attempt has ended: a cancellation comes too late.',
      invoke: {
        id: 'signReceipt',
        src: 'signReceipt',
        input: ({ context }) => ({
          ...attemptOf({ context }),
          outcome: context.outcome ?? 'internal',
          reason: context.reason,
        }),
        onDone: 'delivering',
        onError: [
          {
            guard: { type: 'isForgotten', params: ({ event }) => ({ error: event.error }) },
            target: 'abandoned',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: 'signingLater',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    signingLater: {
      description: 'The journal could not record it (disk full, I/O error): nothing is signed until it can.',
      after: { retryDelay: 'signing' },
    },
    delivering: {
      description:
        'The result is kept and sent, again after each reconnect, until the network acknowledged it.',
      invoke: {
        id: 'outbox',
        src: 'watchOutbox',
        input: ({ context }) => ({ atEpochMs: context.outboxUntilMs }),
        onError: {
          target: 'abandoned',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'result.acknowledged': {
          target: 'concluding',
          actions: { type: 'noteVerdict', params: ({ event }) => ({ verdict: event.verdict }) },
        },
        'outbox.expired': 'abandoned',
      },
      initial: 'sending',
      states: {
        sending: {
          description: 'Has a place in the outbox window, or waits for one. A new result gets it at once.',
          invoke: {
            id: 'place',
            src: 'holdPlace',
            input: ({ context }) => ({ acceptedMs: context.acceptedMs, isLate: context.isLate }),
            onError: {
              target: 'waitingForLink',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
          on: {
            'link.lost': 'waitingForLink',
            'link.opened': { target: 'sending', reenter: true },
          },
          initial: 'queued',
          states: {
            queued: {
              description: 'Older results go first.',
              on: { 'place.granted': 'submitting' },
            },
            submitting: {
              description: 'Hands the signed result to the outbound lane.',
              invoke: {
                id: 'submitResult',
                src: 'submitResult',
                input: attemptOf,
                onDone: 'awaitingAck',
                onError: {
                  target: '#job.delivering.waitingForLink',
                  actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
                },
              },
            },
            awaitingAck: {
              description: 'Sent in this session; the network has not answered yet.',
              after: {
                ackLimit: { target: '#job.delivering.waitingForLink', actions: 'reportSilence' },
              },
            },
          },
        },
        waitingForLink: {
          description: 'In the outbox: no session to send it on.',
          entry: 'noteLate',
          on: { 'link.opened': 'sending' },
        },
      },
    },
    concluding: {
      description: 'Writes the verdict to the journal and drops the output.',
      invoke: {
        id: 'concludeJob',
        src: 'concludeJob',
        input: ({ context }) => ({ ...attemptOf({ context }), verdict: context.verdict ?? 'accepted' }),
        onDone: 'concluded',
        onError: [
          {
            guard: { type: 'isForgotten', params: ({ event }) => ({ error: event.error }) },
            target: 'concluded',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: 'concludingLater',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    concludingLater: {
      description: 'The journal could not record the verdict; a repeated acknowledgement would do no harm.',
      after: { retryDelay: 'concluding' },
    },
    declining: {
      description: 'Tells the network why this node does not take the job.',
      invoke: {
        id: 'declineJob',
        src: 'declineJob',
        input: ({ context }) => ({
          ...attemptOf({ context }),
          code: context.decline ?? 'malformed',
          param: context.param,
        }),
        onDone: 'declined',
        onError: {
          target: 'declined',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    released: {
      type: 'final',
      description: 'The node ends; the journal knows how to go on.',
    },
    concluded: { type: 'final', description: 'Acknowledged: the node owes nothing more.' },
    declined: { type: 'final', description: 'Not taken; nothing was recorded.' },
    abandoned: {
      type: 'final',
      description: 'The outbox time ended without an acknowledgement, or the journal lost its record.',
    },
  },
});
