// A small machine with everything a chart can have, to test the tools that read and walk charts.
import { and, assign, fromCallback, fromPromise, not, sendTo, setup } from 'xstate';

export type CourierEvent =
  | { type: 'line.opened' }
  | { type: 'line.closed'; code: number }
  | { type: 'line.greeted' }
  | { type: 'parcel.given'; fragile: boolean }
  | { type: 'parcel.lost' }
  | { type: 'frame.send'; frame: string }
  | { type: 'courier.paused' }
  | { type: 'courier.resumed' }
  | { type: 'courier.stop' };

export interface CourierContext {
  failures: number;
  tries: number;
  fragile: boolean;
  resumes: boolean;
}

const MAX_TRIES = 2;
export const REFUSED = 4001;

const unprovided = (): never => {
  throw new Error('a service was not provided');
};

export const courierSetup = setup({
  types: {} as {
    input: { resumes: boolean };
    context: CourierContext;
    events: CourierEvent;
    tags: 'busy';
  },
  actors: {
    holdLine: fromCallback<CourierEvent>(unprovided),
    packParcel: fromPromise<{ heavy: boolean }, { fragile: boolean }>(unprovided),
    deliverParcel: fromPromise<void>(unprovided),
  },
  guards: {
    isRefused: (_, params: { code: number }) => params.code === REFUSED,
    isHeavy: (_, params: { heavy: boolean }) => params.heavy,
    isFragile: ({ context }) => context.fragile,
    hasTriesLeft: ({ context }) => context.tries < MAX_TRIES,
    resumes: ({ context }) => context.resumes,
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetFailures: assign({ failures: 0 }),
    keepParcel: assign({ fragile: (_, params: { fragile: boolean }) => params.fragile, tries: 0 }),
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
  },
  delays: {
    redialDelay: ({ context }) => Math.min(1_000 * 2 ** context.failures, 60_000),
    packLimit: 30_000,
  },
});

export const courierMachine = courierSetup.createMachine({
  id: 'courier',
  description: 'Carries parcels over a line that may break: one region holds the line, the other the parcel.',
  context: ({ input }) => ({ failures: 0, tries: 0, fragile: false, resumes: input.resumes }),
  options: { maxIterations: 100 },
  type: 'parallel',
  on: {
    'courier.stop': { target: ['.line.released', '.load.abandoned'], description: 'Lets go of everything.' },
  },
  states: {
    line: {
      description: 'The line to the depot.',
      initial: 'held',
      states: {
        held: {
          description: 'One call spans dialing and talking.',
          invoke: { id: 'line', src: 'holdLine', onError: { target: 'waiting', actions: 'countFailure' } },
          on: {
            'line.closed': [
              {
                guard: { type: 'isRefused', params: ({ event }) => ({ code: event.code }) },
                target: 'refused',
              },
              { target: 'waiting', actions: 'countFailure' },
            ],
          },
          initial: 'dialing',
          states: {
            dialing: { description: 'Waits for the far end.', on: { 'line.opened': 'greeting' } },
            greeting: { description: 'Says hello.', on: { 'line.greeted': 'online' } },
            online: {
              description: 'Talks.',
              entry: 'forgetFailures',
              on: { 'frame.send': { actions: sendTo('line', ({ event }) => event) } },
            },
          },
        },
        waiting: {
          description: 'Keeps still, longer each time.',
          after: { redialDelay: { target: 'held', description: 'Dials again.' } },
        },
        refused: { type: 'final', description: 'The depot does not want this courier.' },
        released: { type: 'final', description: 'Hung up on purpose.' },
      },
    },
    load: {
      description: 'The parcel in hand.',
      initial: 'waking',
      states: {
        waking: {
          description: 'Decides where to begin.',
          always: [{ guard: 'resumes', target: 'working' }, { target: 'idle' }],
        },
        idle: {
          description: 'No parcel.',
          on: {
            'parcel.given': {
              target: 'working',
              actions: { type: 'keepParcel', params: ({ event }) => ({ fragile: event.fragile }) },
            },
          },
        },
        working: {
          description: 'A parcel is on its way.',
          tags: 'busy',
          initial: 'packing',
          onDone: { target: 'idle', description: 'Ready for the next one.' },
          on: { 'courier.paused': 'paused', 'parcel.lost': 'abandoned' },
          states: {
            packing: {
              description: 'Wraps it.',
              invoke: {
                id: 'packing',
                src: 'packParcel',
                input: ({ context }) => ({ fragile: context.fragile }),
                onDone: [
                  { guard: { type: 'isHeavy', params: ({ event }) => event.output }, target: 'checking' },
                  { target: 'delivering' },
                ],
                onError: [
                  { guard: 'hasTriesLeft', target: 'packing', reenter: true, actions: 'countTry' },
                  { target: '#courier.load.abandoned' },
                ],
              },
              after: { packLimit: '#courier.load.abandoned' },
            },
            checking: {
              description: 'Heavy and fragile parcels are not carried.',
              always: [
                { guard: and(['isFragile', not('resumes')]), target: '#courier.load.abandoned' },
                { target: 'delivering' },
              ],
            },
            delivering: {
              description: 'Hands it over.',
              invoke: {
                id: 'delivery',
                src: 'deliverParcel',
                onDone: 'delivered',
                onError: '#courier.load.abandoned',
              },
            },
            delivered: { type: 'final', description: 'Handed over.' },
            resume: { type: 'history', history: 'deep' },
          },
        },
        paused: { description: 'Puts it down for a while.', on: { 'courier.resumed': 'working.resume' } },
        abandoned: { type: 'final', description: 'Gives up on the parcel.' },
      },
    },
  },
});
