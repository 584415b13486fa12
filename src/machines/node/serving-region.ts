// Whether the daemon's one Runtime serves this node's models: news for those that wait for their test.
import { nodeSetup } from './node-setup.js';

export const servingRegion = nodeSetup.createStateConfig({
  description: 'Whether the Runtime serves.',
  initial: 'unserved',
  states: {
    unserved: {
      description: 'No Runtime is ready.',
      on: {
        'runtime.ready': {
          target: 'served',
          actions: [
            { type: 'noteServed', params: ({ event }) => ({ models: event.models }) },
            { type: 'tellModelsReady', params: ({ event }) => ({ models: event.models }) },
          ],
        },
      },
    },
    served: {
      description: 'The Runtime answers for the models it was started with.',
      on: {
        'runtime.lost': {
          target: 'unserved',
          actions: [{ type: 'noteServed', params: { models: null } }, 'tellModelsLost'],
        },
      },
    },
  },
});
