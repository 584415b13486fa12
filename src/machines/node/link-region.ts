// Whether there is a session right now. Only with one does the network's news of jobs reach the jobs.
import { nodeSetup } from './node-setup.js';

export const linkRegion = nodeSetup.createStateConfig({
  description: 'Whether the network can be spoken to right now.',
  initial: 'registered',
  on: {
    'link.refused': {
      target: '#node.halted',
      actions: { type: 'noteRefusal', params: ({ event }) => ({ failure: event.failure }) },
    },
    'link.suspected': { actions: 'suspectLink' },
  },
  states: {
    registered: {
      description: 'Known to the network, not connected: dialing, or waiting to dial again.',
      on: { 'link.opened': 'connected' },
    },
    connected: {
      description: 'An authenticated session with heartbeats.',
      entry: 'tellJobsOnline',
      exit: 'tellJobsOffline',
      on: {
        'link.lost': 'registered',
        'job.offered': { actions: 'passToJobs' },
        'job.cancelled': { actions: 'passToJobs' },
        'result.acknowledged': { actions: 'passToJobs' },
      },
    },
  },
});
