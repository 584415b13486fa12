// Once in a life, checked at every start: the key, the host, the network, the registration.
import { nodeSetup } from './node-setup.js';

export const setupState = nodeSetup.createStateConfig({
  description: 'Identity, host, network, registration: once in a life, checked at every start.',
  on: { 'node.stop': 'stopped' },
  initial: 'openingIdentity',
  states: {
    openingIdentity: {
      description: 'Opens the key, or makes it at the very first start.',
      invoke: {
        id: 'openIdentity',
        src: 'openIdentity',
        onDone: {
          target: 'probingHost',
          actions: { type: 'noteIdentity', params: ({ event }) => event.output },
        },
        onError: {
          target: '#node.halted',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    probingHost: {
      description: 'Looks at GPUs, CPU, memory and disk. What cannot be seen is left out.',
      invoke: {
        id: 'probeHost',
        src: 'probeHost',
        onDone: 'joiningNetwork',
        onError: {
          target: 'joiningNetwork',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    joiningNetwork: {
      description: "Pins the network's trust root at first contact; later starts need no network here.",
      invoke: {
        id: 'joinNetwork',
        src: 'joinNetwork',
        onDone: [
          {
            guard: {
              type: 'isRegistered',
              params: ({ event }) => ({ registered: event.output.registered }),
            },
            target: 'recallingOrder',
            actions: { type: 'noteNetwork', params: ({ event }) => ({ network: event.output.network }) },
          },
          {
            target: 'registering',
            actions: { type: 'noteNetwork', params: ({ event }) => ({ network: event.output.network }) },
          },
        ],
        onError: [
          {
            guard: { type: 'isRetryable', params: ({ event }) => ({ error: event.error }) },
            target: 'waitingToJoin',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: '#node.halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    waitingToJoin: {
      description: 'The network cannot be reached; tries again with growing pauses.',
      after: { retryDelay: 'joiningNetwork' },
    },
    registering: {
      description: 'Sends public key and hardware profile, signed. Never repeated once accepted.',
      invoke: {
        id: 'registerNode',
        src: 'registerNode',
        onDone: {
          target: 'recallingOrder',
          actions: [
            { type: 'noteStanding', params: ({ event }) => ({ standing: event.output }) },
            'forgetFailures',
          ],
        },
        onError: [
          {
            guard: { type: 'isRetryable', params: ({ event }) => ({ error: event.error }) },
            target: 'waitingToRegister',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
          {
            target: '#node.halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        ],
      },
    },
    waitingToRegister: {
      description: 'The network could not take the registration; tries again with growing pauses.',
      after: { retryDelay: 'registering' },
    },
    recallingOrder: {
      description:
        'Whether it was ordered to drain or pause before it last ended: known before anything is started.',
      invoke: {
        id: 'recallOrder',
        src: 'recallOrder',
        onDone: {
          target: '#node.operating',
          actions: { type: 'adoptOrder', params: ({ event }) => ({ order: event.output }) },
        },
        // It may be the owner's GPU now: it is not taken on a guess.
        onError: {
          target: '#node.halted',
          actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
  },
});
