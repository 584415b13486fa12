// What the node does with jobs: works, rests while an order says so, and ends when it is told to stop.
import { nodeSetup } from './node-setup.js';

export const workRegion = nodeSetup.createStateConfig({
  description: 'What it does with jobs.',
  initial: 'idle',
  on: { 'node.stop': '.stopping' },
  states: {
    idle: {
      description: 'Ready, nothing to do.',
      always: [
        { guard: 'isPauseOrdered', target: 'paused' },
        { guard: 'isDrainOrdered', target: 'draining' },
      ],
      on: {
        'jobs.changed': [
          {
            guard: { type: 'isBusy', params: ({ event }) => ({ load: event.load }) },
            target: 'executing',
            actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
          },
          {
            actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
          },
        ],
      },
    },
    executing: {
      description: 'At least one accepted attempt is not yet signed.',
      always: [
        { guard: 'isPauseOrdered', target: 'paused' },
        { guard: 'isDrainOrdered', target: 'draining' },
      ],
      on: {
        'jobs.changed': [
          {
            guard: { type: 'isIdle', params: ({ event }) => ({ load: event.load }) },
            target: 'idle',
            actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
          },
          {
            actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
          },
        ],
      },
    },
    draining: {
      description: 'Ordered to: finishes what it has and takes no more; results still go out.',
      entry: 'stopAdmitting',
      always: [
        { guard: 'isPauseOrdered', target: 'paused' },
        { guard: 'isUnordered', target: 'admitting' },
      ],
      on: {
        'jobs.changed': {
          actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
        },
      },
    },
    paused: {
      description: 'Ordered to: drained, then the GPU is given back to its owner.',
      entry: 'stopAdmitting',
      initial: 'finishing',
      on: {
        'jobs.changed': {
          actions: [{ type: 'noteLoad', params: ({ event }) => ({ load: event.load }) }, 'tellRuntimeLoad'],
        },
      },
      states: {
        finishing: {
          description: 'Running jobs end first.',
          always: [
            { guard: 'isDrainOrdered', target: '#node.operating.work.draining' },
            { guard: 'isUnordered', target: '#node.operating.work.admitting' },
            { guard: 'isWorkDone', target: 'freed' },
          ],
        },
        freed: {
          description: 'The Runtime is stopped: its memory is the owner’s. An order to stop leaves it so.',
          entry: 'suspendServing',
          always: [
            {
              guard: 'isDrainOrdered',
              target: '#node.operating.work.draining',
              actions: 'resumeServing',
            },
            { guard: 'isUnordered', target: '#node.operating.work.admitting', actions: 'resumeServing' },
          ],
        },
      },
    },
    admitting: {
      description: 'Takes jobs again.',
      entry: 'admitAgain',
      always: [{ guard: 'isWorkDone', target: 'idle' }, { target: 'executing' }],
    },
    stopping: {
      description: 'Ordered to stop: drains with a deadline; a second order cuts it short.',
      initial: 'finishing',
      on: {
        'jobs.changed': {
          actions: { type: 'noteLoad', params: ({ event }) => ({ load: event.load }) },
        },
      },
      states: {
        finishing: {
          description: 'Running jobs may end within the grace time.',
          entry: 'stopAdmitting',
          always: { guard: 'isWorkDone', target: 'delivering' },
          after: { graceLimit: 'interrupting' },
          on: { 'node.stop': 'interrupting' },
        },
        interrupting: {
          description: 'What still runs is cut off, signed as interrupted and handed back.',
          entry: 'interruptJobs',
          always: { guard: 'isWorkDone', target: 'delivering' },
          after: { interruptLimit: 'closing' },
          on: { 'node.stop': 'closing' },
        },
        delivering: {
          description:
            'The last results may still be acknowledged; what is not goes out after the next start.',
          always: { guard: 'isAllDelivered', target: 'closing' },
          after: { deliverLimit: 'closing' },
          on: { 'node.stop': 'closing' },
        },
        closing: {
          description: 'Says goodbye and lets go of the link: ends as soon as the network has hung up.',
          entry: 'leaveLink',
          invoke: {
            id: 'closeNode',
            src: 'closeNode',
            onDone: '#node.stopped',
            onError: {
              target: '#node.stopped',
              actions: { type: 'noteFailure', params: ({ event }) => ({ error: event.error }) },
            },
          },
          on: { 'node.stop': '#node.stopped', 'xstate.done.actor.link': '#node.stopped' },
        },
      },
    },
  },
});
