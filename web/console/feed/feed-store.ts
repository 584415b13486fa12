// The node as the page's views see it: signals that change as the feed speaks.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { createActor, fromPromise } from 'xstate';
import type { NodeApi } from '../api/node-api.js';
import { connectionMachine } from './connection-machine.js';
import { type FeedState, reduceFeed } from './feed-state.js';
import { holdFeed } from './hold-feed.js';

export type ConnectionState =
  /** Before the first word of the node. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** It does not answer; tried again by itself. */
  | { readonly kind: 'gone'; readonly sinceMs: number; readonly failures: number }
  /** The token is not this node's. */
  | { readonly kind: 'refused' };

export interface FeedStore {
  readonly connection: ReadonlySignal<ConnectionState>;
  /** Null until the node has spoken; stays what it was while the node is gone. */
  readonly state: ReadonlySignal<FeedState | null>;
  /** The parts of it: each changes only when it is told anew. Empty or null before. */
  readonly status: ReadonlySignal<FeedState['status'] | null>;
  readonly samples: ReadonlySignal<FeedState['samples']>;
  readonly jobs: ReadonlySignal<FeedState['jobs']>;
  readonly logs: ReadonlySignal<FeedState['logs']>;
  readonly records: ReadonlySignal<FeedState['records']>;
  /** The node's clock, moved once a second; epoch milliseconds. */
  readonly nowMs: ReadonlySignal<number>;
  /** What the feed said that this page does not understand; null while it understands all. */
  readonly puzzle: ReadonlySignal<string | null>;
  retry(): void;
  close(): void;
}

export const createFeedStore = (token: string, api: NodeApi): FeedStore => {
  const state = signal<FeedState | null>(null);
  const connection = signal<ConnectionState>({ kind: 'connecting' });
  const puzzle = signal<string | null>(null);
  /** By how much the node's clock is ahead of this browser's. */
  let aheadMs = 0;
  const nowMs = signal(Date.now());
  const tick = (): void => {
    nowMs.value = Date.now() + aheadMs;
  };
  const ticking = setInterval(tick, 1_000);

  const actor = createActor(
    connectionMachine.provide({
      actors: {
        askNode: fromPromise(({ signal: left }) =>
          api.isWelcome(left).then((yes) => (yes ? 'accepted' : 'refused')),
        ),
        holdFeed: holdFeed(token, {
          heard: (message, atMs) => {
            if (message.type === 'hello') {
              aheadMs = message.nowMs - atMs;
              puzzle.value = null;
              tick();
            }
            state.value = reduceFeed(state.value, message);
          },
          puzzled: (reason) => {
            puzzle.value = reason;
          },
        }),
      },
    }),
  );
  actor.subscribe((snapshot) => {
    if (snapshot.matches({ held: 'live' })) connection.value = { kind: 'live' };
    else if (snapshot.matches('refused')) connection.value = { kind: 'refused' };
    else if (snapshot.matches('waiting')) {
      const before = connection.peek();
      const sinceMs = before.kind === 'gone' ? before.sinceMs : Date.now();
      connection.value = { kind: 'gone', sinceMs, failures: snapshot.context.failures };
    }
  });
  actor.start();
  const retry = (): void => actor.send({ type: 'connection.retry' });
  addEventListener('online', retry);

  const part = <K extends keyof FeedState, E>(key: K, empty: E): ReadonlySignal<FeedState[K] | E> =>
    computed(() => state.value?.[key] ?? empty);
  return {
    connection,
    state,
    status: part('status', null),
    samples: part('samples', []),
    jobs: part('jobs', []),
    logs: part('logs', []),
    records: part('records', []),
    nowMs,
    puzzle,
    retry,
    close: () => {
      clearInterval(ticking);
      removeEventListener('online', retry);
      actor.stop();
    },
  };
};
