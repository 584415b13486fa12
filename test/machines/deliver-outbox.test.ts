// Results on the wire after a time without a network: the real supervisor, job machines, journal, window and lane.
import { afterEach, expect, test } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/journal/memory-journal.js';
import type { NodeModel } from '../../src/machines/node/node-events.js';
import { digestOf } from '../../src/protocol/digest.js';
import { attemptOf, superviseForTest, turn } from './supervised-jobs.js';

const WINDOW = 4;
const MIB = 1024 * 1024;
/** More than a capacity or an accept, less than a result. */
const SMALL_BYTES = 1_000;
const SERVED: NodeModel = {
  slot: 'model-slot-0',
  id: 'tiny',
  digest: digestOf('tiny'),
  enabled: true,
  state: 'active',
  reason: null,
};
type Supervised = ReturnType<typeof superviseForTest>;

let rig: Supervised;
afterEach(() => rig.stop());

const until = async (isDone: () => boolean): Promise<void> => {
  for (let turns = 0; !isDone(); turns++) {
    if (turns > 5_000) throw new Error('it did not happen');
    await turn();
  }
};
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await turn();
};

const indexOf = (job: string): number => Number(job.slice(-8));
/** Numbers of the jobs whose results went out in this session. */
const sent = (): readonly number[] =>
  rig.said().flatMap(({ type, body }) => (type === 'result' ? [indexOf(body.receipt.job)] : []));

/** So many jobs done while there is no session. */
const doneOffline = async (jobs: number): Promise<void> => {
  for (let index = 0; index < jobs; index++) {
    rig.offer(index);
    await turn();
  }
  await until(() => rig.board.load().outbox === jobs && rig.slots.taken === 0);
  await settle();
};

test('a node that comes back delivers what waits oldest first, four in flight, and each exactly once', async () => {
  rig = superviseForTest({ atOnce: 8 });
  await doneOffline(30);
  rig.connect();
  await settle();
  expect(sent()).toEqual([0, 1, 2, 3]);

  rig.acknowledge(attemptOf(2));
  await until(() => sent().length === 5);
  await settle();
  expect(sent()).toEqual([0, 1, 2, 3, 4]);

  const owed = new Set([0, 1, 3, 4]);
  while (owed.size > 0) {
    const [oldest = -1] = owed;
    owed.delete(oldest);
    const before = sent().length;
    rig.acknowledge(attemptOf(oldest));
    await until(() => rig.board.find(attemptOf(oldest)) === undefined);
    await settle();
    for (const index of sent().slice(before)) owed.add(index);
    expect(owed.size).toBeLessThanOrEqual(WINDOW);
  }
  expect(sent()).toEqual(Array.from({ length: 30 }, (_, index) => index));
  expect(rig.journal.counts()).toEqual({ accepted: 0, outbox: 0 });
});

test('a job done in the new session is delivered at once, past a long outbox nobody acknowledges', async () => {
  rig = superviseForTest({ atOnce: 8 });
  await doneOffline(30);
  rig.connect();
  await settle();
  rig.offer(30);
  await until(() => sent().includes(30));
  expect(sent()).toEqual([0, 1, 2, 3, 30]);
});

test('on a slow line one late result at a time waits in the socket, so that live work is behind one at most', async () => {
  rig = superviseForTest({ atOnce: 8 });
  await doneOffline(10);
  let drain = (): void => undefined;
  rig.connect((line) => {
    const { send } = line.socket;
    line.socket.send = (bytes) => {
      send(bytes);
      if (bytes.length > SMALL_BYTES) line.bufferedBytes = 8 * MIB;
    };
    drain = () => {
      line.bufferedBytes = 0;
    };
  });
  await settle();
  expect(sent()).toEqual([0]);
  drain();
  await settle();
  expect(sent()).toEqual([0, 1]);
  rig.offer(10);
  await until(() => sent().length === 3);
  expect(sent()).toEqual([0, 1, 10]);
});

test('a result that was sent and not acknowledged goes out once more in the next session, in its turn', async () => {
  rig = superviseForTest({ atOnce: 8 });
  await doneOffline(6);
  rig.connect();
  await settle();
  expect(sent()).toEqual([0, 1, 2, 3]);
  rig.acknowledge(attemptOf(1));
  rig.disconnect();
  await settle();
  rig.connect();
  await settle();
  expect(sent()).toEqual([0, 2, 3, 4]);
});

test('what the welcome says the network has is concluded, and not sent', async () => {
  rig = superviseForTest({ atOnce: 8 });
  await doneOffline(6);
  rig.connect();
  for (const index of [0, 2])
    rig.order({ type: 'result.acknowledged', ...attemptOf(index), verdict: 'duplicate' });
  await settle();
  expect(sent()).toEqual([1, 3, 4, 5]);
  expect(rig.journal.find(attemptOf(0))).toMatchObject({ state: 'acknowledged', verdict: 'duplicate' });
});

test('a new process delivers what the one before left, oldest first and in the window', async () => {
  const journal = createMemoryJournal();
  rig = superviseForTest({ atOnce: 8, journal });
  await doneOffline(12);
  rig.stop();
  rig = superviseForTest({ atOnce: 8, journal });
  rig.connect();
  await settle();
  expect(sent()).toEqual([0, 1, 2, 3]);
});

test('a full journal declines offers as busy, announces no room, and both end when the network takes a result', async () => {
  const bounds = { maxResults: 4, maxRemembered: 1_000, maxBytes: 1_000 * MIB };
  rig = superviseForTest({ atOnce: 8, journal: createMemoryJournal({ bounds }) });
  rig.order({ type: 'models.changed', models: [SERVED] });
  await doneOffline(4);
  const told = () =>
    rig.said().flatMap(({ type, body }) => {
      if (type === 'capacity') return [`credit ${body.credit_limit}`];
      return type === 'job.decline' ? [`decline ${body.code}`] : [];
    });
  rig.connect();
  rig.offer(4);
  await settle();
  // The credit is a total: one, for the offer that was declined, is none for the next.
  expect([new Set(told()), sent()]).toEqual([new Set(['credit 1', 'decline busy']), [0, 1, 2, 3]]);
  rig.acknowledge(attemptOf(0));
  await settle();
  expect(told().at(-1)).toBe('credit 13');
  rig.offer(5);
  await settle();
  expect(sent()).toEqual([0, 1, 2, 3, 5]);
});
