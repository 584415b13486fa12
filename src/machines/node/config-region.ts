// Following the signed configuration: one sync at a time, and the newest wish of the network wins.
import { nodeSetup } from './node-setup.js';

export const configRegion = nodeSetup.createStateConfig({
  description: 'Following the signed configuration.',
  initial: 'loading',
  states: {
    loading: {
      description: 'Takes up the last known configuration from disk.',
      invoke: {
        id: 'loadConfig',
        src: 'loadConfig',
        onDone: {
          target: 'current',
          actions: [
            { type: 'adoptPlan', params: ({ event }) => ({ plan: event.output }) },
            { type: 'shareModels', params: { change: null } },
            'rescheduleReport',
          ],
        },
        onError: {
          target: 'current',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        'config.offered': {
          actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
        },
      },
    },
    current: {
      description:
        'The snapshot in force is the one the network wants, or the last one that could be trusted.',
      always: { guard: 'shouldSync', target: 'syncing' },
      on: {
        'config.offered': {
          actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
        },
      },
    },
    syncing: {
      description: 'A newer snapshot is being fetched, verified, applied and proved.',
      invoke: {
        id: 'configSync',
        src: 'configSync',
        input: ({ context }) => ({
          held: context.config,
          wanted: context.wanted ?? { version: 0, digest: '' },
        }),
        onDone: {
          target: 'announcing',
          actions: { type: 'noteSync', params: ({ event }) => ({ sync: event.output }) },
        },
        // A fault of ours: not at once again, but when the network asks again.
        onError: {
          target: 'current',
          actions: [{ type: 'noteFailure', params: ({ event }) => ({ error: event.error }) }, 'forgetWanted'],
        },
      },
      on: {
        'config.inForce': {
          actions: [
            { type: 'adoptPlan', params: ({ event }) => ({ plan: event.plan }) },
            { type: 'shareModels', params: { change: null } },
            'judgePlan',
            'requestReport',
          ],
        },
        'config.offered': {
          guard: { type: 'isOtherConfig', params: ({ event }) => ({ config: event.config }) },
          actions: [
            { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
            'supersedeSync',
          ],
        },
        'model.changed': [
          {
            guard: { type: 'isProof', params: ({ event }) => ({ change: event }) },
            actions: 'proveSync',
          },
          {
            guard: { type: 'isDisproof', params: ({ event }) => ({ change: event }) },
            actions: { type: 'disproveSync', params: { failure: null } },
          },
        ],
        // No test is to be had now: what is genuine and complete is taken as it is.
        'runtime.taken': { actions: 'proveSync' },
        'runtime.givenUp': {
          guard: { type: 'isLastHope', params: ({ event }) => ({ kept: event.kept }) },
          actions: { type: 'disproveSync', params: ({ event }) => ({ failure: event.failure }) },
        },
      },
    },
    announcing: {
      description: 'Tells the network what became of its snapshot.',
      invoke: {
        id: 'announceConfig',
        src: 'announceConfig',
        input: ({ context }) => ({
          config: context.lastSync?.config ?? { version: 0, digest: '' },
          outcome: context.lastSync?.outcome ?? null,
          failure: context.lastSync?.failure ?? null,
        }),
        onDone: 'current',
        onError: 'current',
      },
      on: {
        'config.offered': {
          actions: { type: 'noteWanted', params: ({ event }) => ({ config: event.config }) },
        },
      },
    },
  },
});
