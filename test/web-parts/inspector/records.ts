// A short life of a node's statecharts, as the feed would record it.
import type {
  ActorRecord,
  EventRecord,
  FeedRecord,
  StateRecord,
} from '../../../src/console/feed/feed-records.js';

const at = (seq: number) => ({ seq, atMs: 1_000 + seq * 10 });

export const born = (seq: number, actor: string, more: Partial<ActorRecord> = {}): ActorRecord => ({
  kind: 'actor',
  ...at(seq),
  actor,
  parent: null,
  id: actor,
  machine: null,
  network: null,
  ...more,
});

export const sent = (seq: number, from: string | null, to: string, type: string): EventRecord => ({
  kind: 'event',
  ...at(seq),
  from,
  to,
  type,
});

export const entered = (
  seq: number,
  actor: string,
  nodes: readonly string[],
  more: Partial<StateRecord> = {},
): StateRecord => ({
  kind: 'state',
  ...at(seq),
  actor,
  status: 'active',
  nodes: [...nodes],
  edges: [],
  context: {},
  ...more,
});

/** A node takes one job, whose service ends, and which ends itself. */
export const shortLife = (): FeedRecord[] => [
  born(0, 'x:0', { id: 'node', machine: 'node', network: 0 }),
  entered(1, 'x:0', ['node', 'node.idle']),
  sent(2, null, 'x:0', 'job.offered'),
  born(3, 'x:1', { id: 'job-slot-0', machine: 'job', network: 0, parent: 'x:0' }),
  born(4, 'x:2', { id: 'runInference', parent: 'x:1', network: 0 }),
  entered(5, 'x:1', ['job', 'job.executing']),
  entered(6, 'x:0', ['node', 'node.busy'], { edges: ['node.idle|job.offered|0'] }),
  entered(7, 'x:2', [], { status: 'done' }),
  sent(8, 'x:2', 'x:1', 'xstate.done.actor.runInference'),
  entered(9, 'x:1', ['job', 'job.ended'], {
    status: 'done',
    edges: ['job.executing|xstate.done.actor.runInference|0'],
  }),
  sent(10, 'x:1', 'x:0', 'xstate.done.actor.job-slot-0'),
  entered(11, 'x:0', ['node', 'node.idle'], { edges: ['node|xstate.done.actor.*|0'] }),
];
