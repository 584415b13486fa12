// Uploads the node's own log in reports ("snapshot events"): a segment is deleted only after the network's signed receipt.
import { assign, setup } from 'xstate';
import { type Failure, toFailure } from '../errors.js';
import { promising } from './declare.js';

export interface ReportContext {
  /** The report under way; null while collecting. */
  readonly report: string | null;
  readonly delivered: number;
  readonly failures: number;
  readonly failure: Failure | null;
}

export type ReportEvent =
  | { type: 'report.requested' }
  /** A configuration is in force that was not known before: its interval holds from now on. */
  | { type: 'report.rescheduled' };

/** Code of a failure: the segment is not kept any more, so waiting for it would keep all others waiting. */
export const REPORT_GONE = 'REPORT_GONE';

export const reportMachine = setup({
  types: {} as { context: ReportContext; events: ReportEvent },
  actors: {
    /** Seals the current segment if it has lines; answers the oldest sealed report, or null. */
    sealReport: promising<string | null, undefined>(),
    uploadReport: promising<void, { report: string }>(),
    confirmReport: promising<void, { report: string }>(),
    /** Deletes a confirmed report; answers the next sealed one, or null. */
    pruneReport: promising<string | null, { report: string }>(),
  },
  guards: {
    isThereOne: (_, params: { report: string | null }) => params.report !== null,
    isGone: (_, params: { error: unknown }) => toFailure(params.error).code === REPORT_GONE,
  },
  actions: {
    noteReport: assign((_, params: { report: string | null }) => ({ report: params.report })),
    noteDelivery: assign(({ context }) => ({ delivered: context.delivered + 1, failures: 0, failure: null })),
    noteFailure: assign(({ context }, params: { error: unknown }) => ({
      failures: context.failures + 1,
      failure: toFailure(params.error),
    })),
  },
  delays: {
    /** Provided from the configuration; this one until there is any. */
    reportInterval: 60_000,
    retryDelay: ({ context }) => Math.min(1_000 * 2 ** context.failures, 300_000),
  },
}).createMachine({
  id: 'report',
  description:
    'The log goes to the network in sealed segments and is deleted here only against a signed receipt.',
  options: { maxIterations: 1_000 },
  context: { report: null, delivered: 0, failures: 0, failure: null },
  initial: 'collecting',
  states: {
    collecting: {
      description:
        'Log lines gather in the current segment. A request that comes while a report is under way is met by that one.',
      after: { reportInterval: 'sealing' },
      on: {
        'report.requested': 'sealing',
        // The pause under way was counted without it. Elsewhere the next pause is counted by it anyway.
        'report.rescheduled': { target: 'collecting', reenter: true },
      },
    },
    sealing: {
      description: 'Closes the current segment and gives it its id.',
      invoke: {
        id: 'sealReport',
        src: 'sealReport',
        onDone: [
          {
            guard: { type: 'isThereOne', params: ({ event }) => ({ report: event.output }) },
            target: 'uploading',
            actions: { type: 'noteReport', params: ({ event }) => ({ report: event.output }) },
          },
          { target: 'collecting' },
        ],
        onError: {
          target: 'collecting',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    uploading: {
      description:
        'Signed manifest, then pieces from the offset the network holds. A segment that is gone makes way for the next.',
      invoke: {
        id: 'uploadReport',
        src: 'uploadReport',
        input: ({ context }) => ({ report: context.report ?? '' }),
        onDone: 'confirming',
        onError: [
          {
            guard: { type: 'isGone', params: ({ event }) => ({ error: event.error }) },
            target: 'sealing',
            actions: { type: 'noteReport', params: { report: null } },
          },
          {
            target: 'waiting',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    confirming: {
      description: 'The receipt must be signed by the network and match the segment.',
      invoke: {
        id: 'confirmReport',
        src: 'confirmReport',
        input: ({ context }) => ({ report: context.report ?? '' }),
        onDone: 'pruning',
        onError: [
          {
            guard: { type: 'isGone', params: ({ event }) => ({ error: event.error }) },
            target: 'sealing',
            actions: { type: 'noteReport', params: { report: null } },
          },
          {
            target: 'waiting',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    pruning: {
      description: 'Deletes what the network has; only then does the report count as delivered.',
      invoke: {
        id: 'pruneReport',
        src: 'pruneReport',
        input: ({ context }) => ({ report: context.report ?? '' }),
        onDone: [
          {
            guard: { type: 'isThereOne', params: ({ event }) => ({ report: event.output }) },
            target: 'uploading',
            actions: [
              'noteDelivery',
              { type: 'noteReport', params: ({ event }) => ({ report: event.output }) },
            ],
          },
          {
            target: 'collecting',
            actions: ['noteDelivery', { type: 'noteReport', params: { report: null } }],
          },
        ],
        onError: {
          target: 'waiting',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    waiting: {
      description:
        'The network could not take it, or it could not be deleted here; the segment stays and is sent again under the same id. A request cuts the pause short.',
      after: { retryDelay: 'uploading' },
      on: { 'report.requested': 'uploading' },
    },
  },
});
