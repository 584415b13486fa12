// Accepted, and not ended: it waits for a slot and runs, until the engine, the deadline or the network ends it.
import { attemptOf } from './attempt-of.js';
import { jobSetup } from './job-setup.js';

export const executingState = jobSetup.createStateConfig({
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
});
