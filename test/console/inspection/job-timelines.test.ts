// What is told of an attempt's time: from the real statechart of a job, by the clock of its records.
import { expect, test } from 'vitest';
import type { JobTimeline } from '../../../src/console/feed/feed-messages.js';
import type { ActorRecord, StateRecord } from '../../../src/console/feed/feed-records.js';
import { createFeedRecorder } from '../../../src/console/inspection/feed-recorder.js';
import { createJobTimelines } from '../../../src/console/inspection/job-timelines.js';
import { jobMachine } from '../../../src/machines/job-machine.js';
import { Rig } from '../../model/rig.js';
import { jobInput } from '../../model/worlds/job-world.js';

const follow = (resumption: 'new' | 'finished' = 'new') => {
  let now = 0;
  const recorder = createFeedRecorder({ machines: ['job'], nowMs: () => now });
  const timelines = createJobTimelines(() => 'devnet');
  recorder.onRecord(timelines.note);
  const changes: JobTimeline[] = [];
  timelines.onChange((timeline) => changes.push(timeline));
  const rig = new Rig(jobMachine, {
    withParent: true,
    input: jobInput(resumption),
    inspect: recorder.observe,
  });
  const at = (ms: number, act: () => void): void => {
    now = ms;
    act();
  };
  return { rig, at, timelines, changes };
};

test('names each state with the moment it was entered, and the outcome of its execution at the end', () => {
  const { rig, at, timelines, changes } = follow();
  at(10, () => rig.finish('validateJob', null));
  at(25, () => rig.finish('recordJob'));
  at(30, () => rig.send({ type: 'slot.granted' }));
  at(80, () => rig.finish('runInference', { outcome: 'completed', reason: null }));
  at(90, () => rig.finish('signReceipt'));
  at(95, () => rig.send({ type: 'result.acknowledged', verdict: 'accepted' } as never));
  at(99, () => rig.finish('concludeJob'));
  const [timeline, ...more] = timelines.list();
  expect(more).toEqual([]);
  expect(timeline).toMatchObject({
    network: null,
    job: 'j1',
    attempt: 1,
    model: 'm',
    endedMs: 99,
    outcome: 'completed',
  });
  expect(timeline?.steps.slice(0, 5)).toEqual([
    { state: 'validating', atMs: 0 },
    { state: 'recording', atMs: 10 },
    { state: 'executing.queued', atMs: 25 },
    { state: 'executing.running', atMs: 30 },
    { state: 'signing', atMs: 80 },
  ]);
  expect(timeline?.steps.at(-1)).toEqual({ state: 'concluding', atMs: 95 });
  expect(changes.at(-1)).toEqual(timeline);
});

test('one that is declined ends with that word', () => {
  const { rig, at, timelines } = follow();
  at(10, () => rig.finish('validateJob', { code: 'busy', param: null }));
  at(12, () => rig.finish('declineJob'));
  expect(timelines.list()).toMatchObject([
    { steps: [{ state: 'validating' }, { state: 'declining', atMs: 10 }], endedMs: 12, outcome: 'declined' },
  ]);
});

test('one the node gave back on its way out was released', () => {
  const { rig, at, timelines } = follow('finished');
  at(5, () => rig.send({ type: 'job.released' }));
  expect(timelines.list()).toMatchObject([
    { steps: [{ state: 'signing', atMs: 0 }], endedMs: 5, outcome: 'released' },
  ]);
});

test('of 200 attempts that are over the oldest goes first, and none that lives', () => {
  const timelines = createJobTimelines(() => 'devnet');
  const actorOf = (at: number): ActorRecord => ({
    ...{ kind: 'actor', seq: at, atMs: at, actor: `x:${at}`, parent: null, id: 'job-slot-0', machine: 'job' },
    network: 0,
  });
  const stateOf = (at: number, status: StateRecord['status']): StateRecord => ({
    ...{
      kind: 'state',
      seq: at,
      atMs: at,
      actor: `x:${at}`,
      status,
      nodes: ['job', 'job.signing'],
      edges: [],
    },
    context: { job: `J${at}`, attempt: 1, model: 'm', outcome: null },
  });
  for (let at = 0; at < 300; at++) {
    timelines.note(actorOf(at));
    timelines.note(stateOf(at, 'active'));
    if (at > 0) timelines.note(stateOf(at, 'stopped'));
  }
  const jobs = timelines.list().map(({ job }) => job);
  expect(jobs).toHaveLength(200);
  expect([jobs[0], jobs[1], jobs.at(-1)]).toEqual(['J0', 'J101', 'J299']);
});

test('an actor that is no job, or a job that does not say which, has no timeline', () => {
  const timelines = createJobTimelines(() => 'devnet');
  const base = { seq: 0, atMs: 0, actor: 'x:1' };
  const actor: ActorRecord = { kind: 'actor', ...base, parent: null, id: 'a', machine: 'model', network: 0 };
  const state: StateRecord = {
    kind: 'state',
    ...base,
    status: 'active',
    nodes: ['job'],
    edges: [],
    context: {},
  };
  timelines.note(actor);
  timelines.note(state);
  timelines.note({ ...actor, machine: 'job' });
  timelines.note(state);
  expect(timelines.list()).toEqual([]);
});
