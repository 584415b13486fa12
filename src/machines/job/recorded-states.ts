// What has to be on disk before it goes on: the signed receipt before the result leaves, the verdict before it is forgotten.
import { attemptOf } from './attempt-of.js';
import { jobSetup } from './job-setup.js';

export const signingState = jobSetup.createStateConfig({
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
});

export const signingLaterState = jobSetup.createStateConfig({
  description: 'The journal could not record it (disk full, I/O error): nothing is signed until it can.',
  after: { retryDelay: 'signing' },
});

export const concludingState = jobSetup.createStateConfig({
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
});

export const concludingLaterState = jobSetup.createStateConfig({
  description: 'The journal could not record the verdict; a repeated acknowledgement would do no harm.',
  after: { retryDelay: 'concluding' },
});
