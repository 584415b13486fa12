// The signed result on its way: in the outbox window, sent, and sent again, until the network has acknowledged it.
import { attemptOf } from './attempt-of.js';
import { jobSetup } from './job-setup.js';

export const deliveringState = jobSetup.createStateConfig({
  description: 'The result is kept and sent, again after each reconnect, until the network acknowledged it.',
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
});
