// What the network thinks of the node: it decides who gets jobs, and says so in each session.
import { nodeSetup } from './node-setup.js';

export const standingRegion = nodeSetup.createStateConfig({
  description: 'What the network thinks of this node.',
  initial: 'awaitingOwner',
  on: {
    'standing.changed': [
      {
        guard: { type: 'isActive', params: ({ event }) => ({ standing: event.standing }) },
        target: '.eligible',
        actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
      },
      {
        guard: { type: 'isPending', params: ({ event }) => ({ standing: event.standing }) },
        target: '.awaitingOwner',
        actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
      },
      {
        target: '.excluded',
        actions: { type: 'noteStanding', params: ({ event }) => ({ standing: event.standing }) },
      },
    ],
  },
  states: {
    awaitingOwner: { description: 'No account has claimed it yet: it earns nothing. Not an error.' },
    eligible: { description: 'Bound to an account and in the scheduling pool.' },
    excluded: {
      description: 'Paused, frozen or cooling down by the network; the standing says why.',
    },
  },
});
