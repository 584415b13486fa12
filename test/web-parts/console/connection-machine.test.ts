// How the page keeps in touch with its node.
import { expect, test } from 'vitest';
import { createActor, fromCallback, fromPromise, SimulatedClock } from 'xstate';
import {
  type ConnectionEvent,
  connectionMachine,
  pauseAfter,
  type TokenAnswer,
} from '../../../web/console/feed/connection-machine.js';

const start = () => {
  const clock = new SimulatedClock();
  const asked: { resolve: (answer: TokenAnswer) => void; reject: () => void }[] = [];
  const held: { say: (event: ConnectionEvent) => void; isLeft: boolean }[] = [];
  const actor = createActor(
    connectionMachine.provide({
      actors: {
        askNode: fromPromise(
          () =>
            new Promise<TokenAnswer>((resolve, reject) =>
              asked.push({ resolve, reject: () => reject(new Error('gone')) }),
            ),
        ),
        holdFeed: fromCallback<ConnectionEvent>(({ sendBack }) => {
          const feed = { say: sendBack as (event: ConnectionEvent) => void, isLeft: false };
          held.push(feed);
          return () => {
            feed.isLeft = true;
          };
        }),
      },
    }),
    { clock },
  ).start();
  return { actor, clock, asked, held, value: () => actor.getSnapshot().value };
};

const answered = () => new Promise((resolve) => setImmediate(resolve));

test('a token the node takes opens the feed, which is live with its first message', async () => {
  const { asked, held, value } = start();
  expect(value()).toBe('asking');
  asked[0]?.resolve('accepted');
  await answered();
  expect(value()).toEqual({ held: 'opening' });
  held[0]?.say({ type: 'feed.opened' });
  expect(value()).toEqual({ held: 'live' });
});

test('a token the node refuses is the end: nothing is asked again', async () => {
  const { asked, held, clock, actor } = start();
  asked[0]?.resolve('refused');
  await answered();
  clock.increment(3_600_000);
  expect(actor.getSnapshot()).toMatchObject({ value: 'refused', status: 'done' });
  expect([asked.length, held.length]).toEqual([1, 0]);
});

test('a node that is gone is asked again after pauses that grow, and at once when the reader wants it', async () => {
  const { asked, clock, actor, value } = start();
  asked[0]?.reject();
  await answered();
  expect(value()).toBe('waiting');
  clock.increment(999);
  expect(asked.length).toBe(1);
  clock.increment(1);
  expect(asked.length).toBe(2);
  asked[1]?.reject();
  await answered();
  clock.increment(1_999);
  expect(asked.length).toBe(2);
  actor.send({ type: 'connection.retry' });
  expect(asked.length).toBe(3);
});

test('a feed that closes is left, and a live one forgets earlier failures', async () => {
  const { asked, held, clock, actor, value } = start();
  asked[0]?.reject();
  await answered();
  clock.increment(1_000);
  asked[1]?.resolve('accepted');
  await answered();
  held[0]?.say({ type: 'feed.opened' });
  expect(actor.getSnapshot().context.failures).toBe(0);
  held[0]?.say({ type: 'feed.closed' });
  expect(value()).toBe('waiting');
  expect(held[0]?.isLeft).toBe(true);
  clock.increment(1_000);
  expect(value()).toBe('asking');
});

test('no pause is longer than a quarter of a minute', () => {
  expect([1, 2, 3, 4, 5, 50].map(pauseAfter)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});
