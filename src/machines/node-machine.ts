// The node in one network: from its identity to a clean stop. The regions of `operating` say what it does at once:
// holding the link, standing with the network, following orders, working, following the configuration, tending models, being
// served.
import type { ActorRefFrom } from 'xstate';
import { configRegion } from './node/config-region.js';
import { linkRegion } from './node/link-region.js';
import { modelsRegion } from './node/models-region.js';
import { nodeSetup } from './node/node-setup.js';
import { ordersRegion } from './node/orders-region.js';
import { servingRegion } from './node/serving-region.js';
import { setupState } from './node/setup-state.js';
import { standingRegion } from './node/standing-region.js';
import { workRegion } from './node/work-region.js';

export const nodeMachine = nodeSetup.createMachine({
  id: 'node',
  description: 'A node in one network, from its identity to a clean stop.',
  options: { maxIterations: 1_000 },
  context: {
    nodeId: null,
    network: null,
    standing: null,
    config: null,
    wanted: null,
    refusedDigest: null,
    lastSync: null,
    models: [],
    served: null,
    taken: null,
    load: { busy: 0, outbox: 0 },
    order: null,
    asked: [],
    failures: 0,
    failure: null,
  },
  output: ({ context }) => context,
  initial: 'setup',
  states: {
    setup: setupState,
    operating: {
      description: 'Registered: everything below happens at once, with or without a connection.',
      type: 'parallel',
      exit: 'releaseModels',
      invoke: [
        {
          id: 'jobs',
          src: 'superviseJobs',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'runtime',
          src: 'attachRuntime',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'link',
          src: 'link',
          // Nobody leaves while the node operates: if the link ends, no session will ever come again.
          onDone: {
            target: 'halted',
            actions: { type: 'noteRefusal', params: ({ event }) => ({ failure: event.output.failure }) },
          },
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
        {
          id: 'report',
          src: 'report',
          onError: {
            target: 'halted',
            actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
          },
        },
      ],
      states: {
        link: linkRegion,
        standing: standingRegion,
        orders: ordersRegion,
        work: workRegion,
        config: configRegion,
        models: modelsRegion,
        serving: servingRegion,
      },
    },
    halted: {
      description: 'Only the owner can help; the failure says how. Stays up, not ready.',
      on: { 'node.stop': 'stopped' },
    },
    stopped: { type: 'final', description: 'Ended cleanly; unfinished work is in the journal.' },
  },
});

export type NodeActor = ActorRefFrom<typeof nodeMachine>;
