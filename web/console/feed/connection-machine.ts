// Keeps the page in touch with its node: asks whether the token is right, holds the feed, and tries again when it is gone.
// A browser says nothing of why a WebSocket was refused; so the token is asked about first.
import { assign, fromCallback, fromPromise, setup } from 'xstate';

export type ConnectionEvent =
  /** The feed said its first message. */
  | { type: 'feed.opened' }
  | { type: 'feed.closed' }
  /** Whoever waits is to try now: the reader wants it, or the network is back. */
  | { type: 'connection.retry' };

/** What the node says of the token. */
export type TokenAnswer = 'accepted' | 'refused';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** 1, 2, 4, 8, then every 15 seconds: the node is on the same machine, and a restart takes a few seconds. */
export const pauseAfter = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);

const missing = (): never => {
  throw new Error('the connection is started with its services provided');
};

export const connectionMachine = setup({
  types: {} as { context: { failures: number }; events: ConnectionEvent },
  actors: {
    /** Rejects where the node does not answer. */
    askNode: fromPromise<TokenAnswer>(missing),
    holdFeed: fromCallback<ConnectionEvent>(missing),
  },
  guards: { isRefused: (_, params: { answer: TokenAnswer }) => params.answer === 'refused' },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetFailures: assign({ failures: 0 }),
  },
  delays: { pause: ({ context }) => pauseAfter(context.failures) },
}).createMachine({
  id: 'connection',
  context: { failures: 0 },
  initial: 'asking',
  states: {
    asking: {
      description: 'Asks the node something that needs the token.',
      invoke: {
        src: 'askNode',
        onDone: [
          {
            guard: { type: 'isRefused', params: ({ event }) => ({ answer: event.output }) },
            target: 'refused',
          },
          { target: 'held' },
        ],
        onError: { target: 'waiting', actions: 'countFailure' },
      },
    },
    held: {
      description: 'Leaving this state is what hangs up.',
      invoke: { src: 'holdFeed' },
      on: { 'feed.closed': { target: 'waiting', actions: 'countFailure' } },
      initial: 'opening',
      states: {
        opening: { on: { 'feed.opened': 'live' } },
        live: { entry: 'forgetFailures' },
      },
    },
    waiting: {
      description: 'The node is gone; tries again by itself after a pause that grows.',
      on: { 'connection.retry': 'asking' },
      after: { pause: 'asking' },
    },
    refused: {
      description: 'The token is not this node’s. Another token is another connection.',
      type: 'final',
    },
  },
});
