// Whose chart is shown, what is lit on it, and what has just fired.
import { describe, expect, test } from 'vitest';
import {
  firedBetween,
  shownAt,
  stepsOf,
  successorOf,
} from '../../../web/console/inspector/model/selection.js';
import { situationAt } from '../../../web/console/inspector/model/situation.js';
import { born, entered, shortLife } from './records.js';

const secondJob = () => [
  ...shortLife(),
  born(12, 'x:3', { id: 'job-slot-0', machine: 'job', network: 0 }),
  entered(13, 'x:3', ['job', 'job.validating'], { edges: ['job.received||2'] }),
];

describe('what is shown', () => {
  test('is the node until something is chosen', () => {
    expect(shownAt(situationAt(shortLife(), 6), null)).toMatchObject({
      machine: 'node',
      nodes: ['node', 'node.busy'],
      edges: ['node.idle|job.offered|0'],
    });
  });

  test('is the chosen actor at the moment, and nobody before it lived', () => {
    expect(shownAt(situationAt(shortLife(), 9), { actor: 'x:1' })).toMatchObject({
      machine: 'job',
      nodes: ['job', 'job.ended'],
    });
    expect(shownAt(situationAt(shortLife(), 1), { actor: 'x:1' })).toEqual({
      machine: null,
      actor: null,
      nodes: [],
      edges: [],
    });
  });

  test('of a statechart is every state in which one of its actors is', () => {
    const records = [
      ...secondJob(),
      born(14, 'x:4', { machine: 'job' }),
      entered(15, 'x:4', ['job', 'job.signing']),
    ];
    const one = shownAt(situationAt(records, 13), { machine: 'job' });
    expect([one.actor?.actor.actor, one.nodes]).toEqual(['x:3', ['job', 'job.validating']]);
    const two = shownAt(situationAt(records, 15), { machine: 'job' });
    expect([two.actor, two.nodes]).toEqual([null, ['job', 'job.validating', 'job.signing']]);
    expect(shownAt(situationAt(records, 11), { machine: 'job' })).toMatchObject({
      machine: 'job',
      nodes: [],
    });
  });
});

test('a job that ended is followed by the next one of its network', () => {
  expect(successorOf(situationAt(secondJob(), 8), 'x:1')).toBeNull();
  expect(successorOf(situationAt(secondJob(), 11), 'x:1')).toBeNull();
  expect(successorOf(situationAt(secondJob(), 13), 'x:1')).toBe('x:3');
});

test('what fired is what actors of the chart took between two moments', () => {
  const isJob = (actor: string) => actor === 'x:1' || actor === 'x:3';
  const done = 'job.executing|xstate.done.actor.runInference|0';
  expect(firedBetween(secondJob(), isJob, 8, 9)).toEqual([done]);
  expect(firedBetween(secondJob(), isJob, 9, 12)).toEqual([]);
  expect(firedBetween(secondJob(), isJob, 0, 13)).toEqual(['job.received||2', done]);
});

test('the steps of an actor are listed from the newest on', () => {
  expect(stepsOf(secondJob(), 'x:0', 11, 9).map(({ seq }) => seq)).toEqual([11, 6]);
  expect(stepsOf(secondJob(), 'x:0', 10, 9).map(({ seq }) => seq)).toEqual([6]);
  expect(stepsOf(secondJob(), 'x:0', 11, 1).map(({ seq }) => seq)).toEqual([11]);
});
