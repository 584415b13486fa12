// A Runtime that serves, and what is done meanwhile for the one that is wanted next.
import { runtimeSetup } from './runtime-setup.js';
import { wantedInput, wantOther } from './shared-parts.js';

export const readyState = runtimeSetup.createStateConfig({
  description: 'Serves.',
  entry: 'noteProven',
  after: { healthyAfter: { actions: ['forgetFailures', 'tellWatchHealthy'] } },
  on: {
    'runtime.doubted': {
      target: 'suspect',
      actions: { type: 'noteDoubt', params: ({ event }) => ({ reason: event.reason }) },
    },
    'runtime.specified': { ...wantOther, target: '.settled' },
    'runtime.released': { target: 'draining', actions: 'forgetWanted' },
    'runtime.retried': { guard: 'hasRejected', target: '.pardoningNext' },
  },
  initial: 'settled',
  states: {
    settled: {
      description: 'What is wanted, or the last that was any good.',
      always: { guard: 'hasNext', target: 'preparingNext' },
    },
    preparingNext: {
      description:
        'Another spec is wanted: its image and model are fetched and checked while the old one serves.',
      invoke: {
        id: 'prepareNext',
        src: 'prepareNext',
        input: wantedInput,
        onDone: { target: '#runtime.live.draining', actions: 'noteNextPrepared' },
        onError: [
          {
            guard: { type: 'isFinal', params: ({ event }) => ({ error: event.error }) },
            target: 'settled',
            actions: { type: 'rejectNext', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: 'nextDelayed',
            actions: { type: 'noteNextFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    nextDelayed: {
      description: 'The next spec cannot be prepared now: the old one serves on, and it is tried again.',
      after: { nextDelay: 'preparingNext' },
      on: { 'runtime.retried': 'preparingNext' },
    },
    pardoningNext: {
      description: 'The owner has mended what was wrong with the spec that was given up.',
      invoke: {
        id: 'pardonNext',
        src: 'forgetFailures',
        onDone: { target: 'settled', actions: 'forgetRejected' },
        onError: {
          target: 'settled',
          actions: { type: 'noteTrouble', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
  },
});
