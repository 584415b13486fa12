// Before the attempt is promised: an offer is looked at, written down, or declined.
import { attemptOf } from './attempt-of.js';
import { jobSetup } from './job-setup.js';

export const receivedState = jobSetup.createStateConfig({
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
});

export const validatingState = jobSetup.createStateConfig({
  description: 'Checks the offer against the applied configuration, the installed models and the allowlist.',
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
});

export const recordingState = jobSetup.createStateConfig({
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
});

export const decliningState = jobSetup.createStateConfig({
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
});
