// Who gets which job, and that nothing runs without a reason.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  canServe,
  chooseNode,
  hasCredit,
} from '../../../src/network/scheduler/choose-node.js';
import { createDeadlines } from '../../../src/network/scheduler/deadlines.js';
import { compareQueued, createJobQueue, type QueuedJob } from '../../../src/network/scheduler/job-queue.js';
import { createScheduler } from '../../../src/network/scheduler/scheduler.js';
import { createSpeedBook } from '../../../src/network/scheduler/speed-book.js';
import { ManualTime } from './manual-time.js';

const WANTED = { model: 'tiny', modelDigest: 'd', configDigest: 'c' };
const candidate = (node: string, change: Partial<Candidate> = {}): Candidate => ({
  node,
  standing: { state: 'active' },
  models: new Map([['tiny', 'd']]),
  configDigest: 'c',
  draining: false,
  paused: false,
  creditLimit: 4,
  offersSent: 0,
  slotsTotal: 2,
  inflight: 0,
  ...change,
});

describe('a node may serve', () => {
  test.each<[string, Partial<Candidate>, boolean]>([
    ['when all fits', {}, true],
    ['although it is busy', { offersSent: 4, inflight: 4 }, true],
    ['not in a cool-down', { standing: { state: 'cooldown' } }, false],
    ['not while unbound', { standing: { state: 'pending' } }, false],
    ['not while draining', { draining: true }, false],
    ['not while paused', { paused: true }, false],
    ['not under another configuration', { configDigest: 'old' }, false],
    ['not with another version of the model', { models: new Map([['tiny', 'other']]) }, false],
    ['not without the model', { models: new Map() }, false],
    ['not without slots', { slotsTotal: 0 }, false],
  ])('%s', (_title, change, expected) => {
    expect(canServe(candidate('a', change), WANTED)).toBe(expected);
  });
});

describe('the choice', () => {
  const slow = new Map([
    ['a', 10],
    ['b', 20],
  ]);
  const choose = (nodes: Candidate[], rng = () => 0) =>
    chooseNode(nodes, (node) => slow.get(node), rng)?.node;

  test('falls on the least loaded, then the fastest, then the one not yet measured', () => {
    expect(choose([candidate('b', { inflight: 1 }), candidate('a')])).toBe('a');
    expect(choose([candidate('a'), candidate('b')])).toBe('b');
    expect(choose([candidate('b'), candidate('new')])).toBe('new');
    expect(choose([candidate('a', { inflight: 2, slotsTotal: 8 }), candidate('b', { inflight: 1 })])).toBe(
      'a',
    );
  });
  test('is left to chance between equals', () => {
    const nodes = ['x', 'y', 'z'].map((node) => candidate(node));
    expect([0, 0.4, 0.99].map((at) => choose(nodes, () => at))).toEqual(['x', 'y', 'z']);
    expect(choose([])).toBeUndefined();
  });
});

test('speed is a moving mean per node and model', () => {
  const speeds = createSpeedBook();
  expect(speeds.of('a', 'm')).toBeUndefined();
  speeds.measured('a', 'm', 100, 1_000);
  speeds.measured('a', 'm', 200, 1_000);
  speeds.measured('a', 'm', 0, 1_000);
  expect(speeds.of('a', 'm')).toBeCloseTo(130);
});

const queuedJob = fc.record({
  job: fc.uuid(),
  model: fc.constantFrom('m', 'n'),
  priority: fc.nat(9),
  createdMs: fc.nat(20),
});

test('the queue is sorted by priority, then age, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(queuedJob, { selector: (one) => one.job }), fc.nat(), (jobs, pivot) => {
      const queue = createJobQueue<QueuedJob>();
      for (const job of jobs) queue.add(job);
      const gone = jobs[pivot % Math.max(1, jobs.length)];
      if (gone !== undefined) queue.remove(gone.job);
      const left = jobs.filter((one) => one !== gone).sort(compareQueued);
      expect(queue.size).toBe(left.length);
      for (const model of ['m', 'n']) {
        expect(queue.line(model)).toEqual(left.filter((one) => one.model === model));
      }
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('deadlines come due in order through one timer, however they are moved', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key: fc.nat(8), ms: fc.nat(50) }),
    fc.record({ do: fc.constant('clear' as const), key: fc.nat(8) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const time = new ManualTime();
      const model = new Map<string, number>();
      const fired: string[] = [];
      const deadlines = createDeadlines({ clock: time, timers: time, onDue: (key) => void fired.push(key) });
      for (const one of steps) {
        if (one.do === 'set') {
          model.set(`k${one.key}`, time.nowMs() + one.ms);
          deadlines.set(`k${one.key}`, time.nowMs() + one.ms);
        } else if (one.do === 'clear') {
          model.delete(`k${one.key}`);
          deadlines.clear(`k${one.key}`);
        } else {
          fired.length = 0;
          time.advance(one.ms);
          const due = [...model].filter(([, atMs]) => atMs <= time.nowMs());
          for (const [key] of due) model.delete(key);
          expect([...fired].sort()).toEqual(due.map(([key]) => key).sort());
          const at = new Map(due);
          const order = fired.map((key) => at.get(key) ?? 0);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
        expect(time.pending).toBe(model.size === 0 ? 0 : 1);
      }
      deadlines.close();
      deadlines.set('late', 0);
      expect(time.pending).toBe(0);
    }),
    { numRuns: 200, seed: 1 },
  );
});

describe('the scheduler', () => {
  const rig = (nodes: Candidate[]) => {
    const live = new Map(nodes.map((node) => [node.node, node]));
    const assigned: string[] = [];
    const stranded: [string, number | undefined][] = [];
    const scheduler = createScheduler({
      clock: new ManualTime(),
      rng: () => 0,
      speeds: createSpeedBook(),
      nodes: () => live.values(),
      wanted: (model) => (model === 'tiny' ? WANTED : undefined),
      assign: (job, id) => {
        assigned.push(`${job}→${id}`);
        const node = live.get(id);
        if (node === undefined || !hasCredit(node)) throw new Error('credit bound exceeded');
        live.set(id, { ...node, offersSent: node.offersSent + 1, inflight: node.inflight + 1 });
      },
      stranded: (job, sinceMs) => void stranded.push([job, sinceMs]),
    });
    const add = (job: string, change: Partial<QueuedJob & { avoids: (node: string) => boolean }> = {}) =>
      scheduler.enqueue({ job, model: 'tiny', priority: 5, createdMs: 0, avoids: () => false, ...change });
    return { scheduler, live, assigned, stranded, add };
  };

  test('spreads jobs over nodes and stops at their credit', () => {
    const { assigned, add, scheduler } = rig([
      candidate('a', { creditLimit: 2 }),
      candidate('b', { creditLimit: 1 }),
    ]);
    for (const job of ['1', '2', '3', '4']) add(job);
    expect(assigned).toEqual(['1→a', '2→b', '3→a']);
    expect(scheduler.queued).toBe(1);
  });

  test('serves priority before age when capacity appears', () => {
    const { assigned, add, live, scheduler } = rig([]);
    add('old', { createdMs: 1 });
    add('young', { createdMs: 2 });
    add('urgent', { createdMs: 3, priority: 9 });
    live.set('a', candidate('a', { creditLimit: 2 }));
    scheduler.wake();
    expect(assigned).toEqual(['urgent→a', 'old→a']);
  });

  test('leaves out a node a job avoids, and passes over the job that waits for another node', () => {
    const { assigned, add } = rig([candidate('a', { creditLimit: 9 })]);
    add('shy', { avoids: (node) => node === 'a', priority: 9 });
    add('plain');
    expect(assigned).toEqual(['plain→a']);
  });

  test('tells once that a model has no node, and once that it has again', () => {
    const { stranded, add, live, scheduler } = rig([]);
    add('1');
    scheduler.wake();
    expect(stranded.map(([job, sinceMs]) => [job, sinceMs !== undefined])).toEqual([['1', true]]);
    live.set('a', candidate('a', { creditLimit: 0 }));
    scheduler.wake();
    scheduler.wake();
    expect(stranded.slice(1)).toEqual([['1', undefined]]);
    expect(scheduler.servers('tiny')).toBe(1);
    expect(scheduler.servers('other')).toBe(0);
  });

  test('never exceeds a credit, whatever nodes and jobs do', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('job' as const), priority: fc.nat(9) }),
      fc.record({ do: fc.constant('credit' as const), node: fc.nat(3), more: fc.nat(3) }),
      fc.record({ do: fc.constant('done' as const), node: fc.nat(3) }),
      fc.record({ do: fc.constant('leave' as const), node: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const { add, live, scheduler } = rig([]);
        let jobs = 0;
        for (const one of actions) {
          if (one.do === 'job') add(`j${jobs++}`, { priority: one.priority });
          else if (one.do === 'leave') live.delete(`n${one.node}`);
          else {
            const id = `n${one.node}`;
            const node = live.get(id) ?? candidate(id, { creditLimit: 0 });
            const more = one.do === 'credit' ? one.more : 0;
            const inflight = Math.max(0, node.inflight - (one.do === 'done' ? 1 : 0));
            live.set(id, { ...node, creditLimit: node.creditLimit + more, inflight });
          }
          scheduler.wake();
          const open = [...live.values()].filter(hasCredit);
          for (const node of live.values()) expect(node.offersSent).toBeLessThanOrEqual(node.creditLimit);
          if (open.length > 0) expect(scheduler.queued).toBe(0);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
