// Orders to drain, pause and resume: one at a time, on disk before they take effect, over by themselves in the end. What
// they mean for jobs is the work region's affair, which reads the order in force.
import { nodeSetup } from './node-setup.js';
import { orderAfter } from './order-book.js';

export const ordersRegion = nodeSetup.createStateConfig({
  description: 'The order to drain or pause that is in force, if any.',
  initial: 'weighing',
  on: {
    'order.given': {
      actions: { type: 'takeOrder', params: ({ event }) => ({ request: event.request }) },
    },
  },
  states: {
    weighing: {
      description: 'Looks at what was asked for, oldest first.',
      always: [
        { guard: 'isNextRefused', actions: ['refuseNext', 'dropNext'] },
        { guard: 'isNextDone', actions: ['confirmNext', 'dropNext'] },
        { guard: 'isOrderWaiting', target: 'recording' },
        { guard: 'isUnordered', target: 'free' },
        { guard: 'hasOrderEnd', target: 'ordered.timed' },
        { target: 'ordered.open' },
      ],
    },
    free: {
      description: 'No order is in force: the node takes jobs as it can.',
      always: { guard: 'isOrderWaiting', target: 'weighing' },
    },
    ordered: {
      description: 'An order is in force and on disk.',
      always: { guard: 'isOrderWaiting', target: 'weighing' },
      initial: 'open',
      states: {
        open: { description: 'Until somebody lifts it.' },
        timed: {
          description: 'Until its time is over; a host clock that jumps changes nothing about it.',
          invoke: {
            id: 'awaitOrderEnd',
            src: 'awaitOrderEnd',
            input: ({ context }) => ({ atMonotonicMs: context.order?.endsMonotonicMs ?? 0 }),
            onDone: { target: '#node.operating.orders.clearing', actions: 'forgetOrder' },
            // Better too early than never: an order that says when it ends must end.
            onError: { target: '#node.operating.orders.clearing', actions: 'forgetOrder' },
          },
        },
      },
    },
    recording: {
      description: 'Writes down what is asked for; until it is on disk, the order before holds.',
      invoke: {
        id: 'recordOrder',
        src: 'recordOrder',
        input: ({ context }) => ({
          order: context.asked[0] ? orderAfter(context.order, context.asked[0]) : null,
        }),
        onDone: {
          target: 'weighing',
          actions: [
            { type: 'adoptOrder', params: ({ event }) => ({ order: event.output }) },
            'confirmNext',
            'dropNext',
          ],
        },
        onError: {
          target: 'weighing',
          actions: [{ type: 'failNext', params: ({ event }) => ({ error: event.error }) }, 'dropNext'],
        },
      },
    },
    clearing: {
      description: 'Its time is over and jobs are taken again; the note of it goes from the disk.',
      invoke: {
        id: 'clearOrder',
        src: 'recordOrder',
        input: { order: null },
        onDone: 'weighing',
        // A note that stays names a time that has passed: the next start does not follow it.
        onError: 'weighing',
      },
    },
  },
});
