// A thousand jobs through one supervisor: it must be as small afterwards as before, and name its actors from a
// bounded set, for XState keeps every distinct actor id for ever.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Attempt } from '../../src/machines/job/job-events.js';
import { attemptOf, superviseForTest, turn } from './supervised-jobs.js';

const AT_ONCE = 8;
/** Jobs before the first look at the heap, and in all. */
const WARM_UP = 240;
const JOBS = 1_000;

/** Jobs whose results are acknowledged in the turn after they were sent. */
const supervised = () => {
  let acknowledge = (_: Attempt): void => undefined;
  let acknowledged = 0;
  const rig = superviseForTest({
    atOnce: AT_ONCE,
    submit: (attempt) => {
      setImmediate(() => acknowledge(attempt));
    },
  });
  acknowledge = (attempt) => {
    acknowledged++;
    rig.acknowledge(attempt);
  };
  const ids = new Set<string>();
  const { enter } = rig.board;
  rig.board.enter = (slot, attempt, actor) => {
    ids.add(actor.id);
    enter(slot, attempt, actor);
  };

  /** Offers a range of jobs, some at once, and waits until the last is over. */
  const run = async (from: number, to: number): Promise<void> => {
    for (let next = from; next < to; next += AT_ONCE) {
      const wave = Array.from({ length: Math.min(AT_ONCE, to - next) }, (_, index) => next + index);
      for (const index of wave) rig.offer(index);
      while (wave.some((index) => rig.board.find(attemptOf(index)) !== undefined)) await turn();
      // Two days later: all that was acknowledged is forgotten.
      await rig.journal.prune(Date.now() + 48 * 3_600_000);
    }
  };
  return { ...rig, ids, run, acknowledged: () => acknowledged };
};

let collectGarbage: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc') as () => void;
});
afterAll(() => setFlagsFromString('--no-expose-gc'));

const heapBytes = (): number => {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

test(`${JOBS} jobs leave nothing behind`, async () => {
  const { board, slots, intake, executions, figures, journal, ids, run, acknowledged, stop } = supervised();
  await run(0, WARM_UP);
  const known = new Set(ids);
  const before = heapBytes();
  await run(WARM_UP, JOBS);
  const growth = (heapBytes() - before) / (JOBS - WARM_UP);

  expect(acknowledged()).toBe(JOBS);
  expect(figures).toMatchObject({
    accepted: JOBS,
    ended: { completed: JOBS, internal: 0 },
    verdicts: { accepted: JOBS, duplicate: 0 },
  });
  const last = attemptOf(JOBS - 1);
  expect([board.load(), board.running(), slots.taken, slots.waiting]).toEqual([
    { busy: 0, outbox: 0 },
    [],
    0,
    0,
  ]);
  expect([intake.find(last), executions.find(last), journal.find(last)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(ids).toEqual(known);
  expect([...ids].sort()).toEqual(Array.from({ length: AT_ONCE }, (_, index) => `job-slot-${index}`));
  expect(growth).toBeLessThan(1_000);
  stop();
}, 60_000);
