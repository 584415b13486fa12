// The owner wants the GPU, and this Agent has started no engine yet: one that an earlier Agent left must not keep it.
import { runtimeSetup } from './runtime-setup.js';
import { takeUpOther, wantOther } from './shared-parts.js';

export const clearingState = runtimeSetup.createStateConfig({
  description: 'Nothing is wanted: what an earlier Agent left running is ended.',
  invoke: {
    id: 'clearLeftovers',
    src: 'clearLeftovers',
    onDone: [
      { guard: 'isWanted', target: 'recalling', actions: ['clearStopFailures', 'adoptWanted'] },
      { target: 'absent', actions: 'clearStopFailures' },
    ],
    onError: {
      target: 'clearingLater',
      actions: { type: 'noteStopFailure', params: ({ event }) => ({ error: event.error }) },
    },
  },
  on: {
    'runtime.specified': wantOther,
    'runtime.released': { actions: 'forgetWanted' },
  },
});

export const clearingLaterState = runtimeSetup.createStateConfig({
  description: 'An engine of an earlier Agent may still hold the GPU: it is looked for again in a while.',
  always: { guard: 'isWanted', target: 'recalling', actions: ['clearStopFailures', 'adoptWanted'] },
  after: { stopDelay: 'clearing' },
  on: { 'runtime.specified': takeUpOther },
});
