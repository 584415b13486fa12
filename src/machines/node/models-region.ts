// The listed models: each an actor that reports its state; here it is written down and passed on.
import { nodeSetup } from './node-setup.js';

export const modelsRegion = nodeSetup.createStateConfig({
  description: 'The listed models, each an actor in a bounded slot.',
  initial: 'tended',
  states: {
    tended: {
      description: 'Follows each model’s state and tells jobs and Runtime.',
      on: {
        'model.changed': {
          actions: [
            { type: 'retireModel', params: ({ event }) => ({ change: event }) },
            { type: 'noteModel', params: ({ event }) => ({ change: event }) },
            { type: 'shareModels', params: ({ event }) => ({ change: event }) },
          ],
        },
        'model.retested': {
          actions: { type: 'retestModel', params: ({ event }) => ({ digest: event.digest }) },
        },
        'runtime.givenUp': {
          actions: {
            type: 'tellModelsGivenUp',
            params: ({ event: { models, failure } }) => ({ digests: models, failure }),
          },
        },
        'runtime.taken': {
          actions: [
            { type: 'noteTaken', params: ({ event }) => ({ failure: event.failure }) },
            'tellModelsTaken',
          ],
        },
        'runtime.takenUp': { actions: ['forgetTaken', 'retryModels'] },
        // Only models: a region's handler hides those of the states around it.
        'xstate.error.actor.*': {
          guard: { type: 'isModelSlot', params: ({ event }) => ({ actorId: event.actorId }) },
          actions: [
            { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            { type: 'dropModel', params: ({ event }) => ({ slot: event.actorId }) },
            { type: 'shareModels', params: { change: null } },
          ],
        },
      },
    },
  },
});
