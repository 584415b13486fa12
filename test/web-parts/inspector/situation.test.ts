// Where every actor was at any moment of a recording.
import { describe, expect, test } from 'vitest';
import { actorTree, inReadingOrder } from '../../../web/console/inspector/model/actor-tree.js';
import {
  advance,
  ENDED_KEPT,
  isLiving,
  NOTHING,
  situationAt,
} from '../../../web/console/inspector/model/situation.js';
import { born, entered, shortLife } from './records.js';

const statesAt = (seq: number) =>
  Object.fromEntries(
    [...situationAt(shortLife(), seq).actors.values()].map(({ actor, state }) => [
      actor.id,
      state?.nodes.at(-1) ?? null,
    ]),
  );

describe('a moment', () => {
  test('has every actor in the state it had then', () => {
    expect(statesAt(-1)).toEqual({});
    expect(statesAt(4)).toEqual({ node: 'node.idle', 'job-slot-0': null, runInference: null });
    expect(statesAt(6)).toEqual({ node: 'node.busy', 'job-slot-0': 'job.executing', runInference: null });
    expect(statesAt(11)).toEqual({ node: 'node.idle', 'job-slot-0': 'job.ended' });
  });

  test('is the same whether it is folded at once or as the records come', () => {
    const records = shortLife();
    const bitByBit = records.reduce((situation, record) => advance(situation, [record]), NOTHING);
    expect(bitByBit).toEqual(situationAt(records, 11));
  });

  test('keeps all that live and the newest that ended', () => {
    const records = Array.from({ length: 100 }, (_, index) => [
      born(2 * index, `x:${index}`, { machine: 'job' }),
      entered(2 * index + 1, `x:${index}`, ['job'], { status: index % 2 === 0 ? 'done' : 'active' }),
    ]).flat();
    const views = [...situationAt(records, 1_000).actors.values()];
    expect(views.filter(isLiving)).toHaveLength(50);
    expect(views.filter((view) => !isLiving(view)).map(({ actor }) => actor.actor)).toEqual(
      Array.from({ length: ENDED_KEPT }, (_, index) => `x:${2 * (50 - ENDED_KEPT + index)}`),
    );
  });
});

describe('the tree', () => {
  const names = (seq: number, options: { services: boolean; ended: number }) =>
    inReadingOrder(actorTree(situationAt(shortLife(), seq), options)).map(({ view }) => view.actor.id);

  test('shows statecharts, and on request services and what has ended', () => {
    expect(names(6, { services: false, ended: 0 })).toEqual(['node', 'job-slot-0']);
    expect(names(6, { services: true, ended: 0 })).toEqual(['node', 'job-slot-0', 'runInference']);
    expect(names(11, { services: true, ended: 0 })).toEqual(['node']);
    expect(names(11, { services: true, ended: 9 })).toEqual(['node', 'job-slot-0']);
  });

  test('has networks in the owner’s order, then what they share, and whom a hidden service called below its caller', () => {
    const records = [
      born(0, 'r', { machine: 'runtime' }),
      born(1, 'b', { machine: 'node', network: 1 }),
      born(2, 'a', { machine: 'node', network: 0 }),
      born(3, 'p', { parent: 'a', network: 0 }),
      born(4, 'm', { machine: 'model', parent: 'p', network: 0 }),
    ];
    const groups = actorTree(situationAt(records, 9), { services: false, ended: 9 });
    expect(groups.map(({ network, roots }) => [network, roots.map(({ view }) => view.actor.actor)])).toEqual([
      [0, ['a']],
      [1, ['b']],
      [null, ['r']],
    ]);
    expect(inReadingOrder(groups).map(({ view }) => view.actor.actor)).toEqual(['a', 'm', 'b', 'r']);
    const orphan = situationAt([born(4, 'm', { machine: 'model', parent: 'gone' })], 9);
    expect(inReadingOrder(actorTree(orphan, { services: false, ended: 9 }))).toHaveLength(1);
  });

  test('shows the newest of those that have ended', () => {
    const records = Array.from({ length: 5 }, (_, index) => [
      born(2 * index, `x:${index}`, { machine: 'job' }),
      entered(2 * index + 1, `x:${index}`, ['job'], { status: 'done' }),
    ]).flat();
    const shown = inReadingOrder(actorTree(situationAt(records, 99), { services: false, ended: 2 }));
    expect(shown.map(({ view }) => view.actor.actor)).toEqual(['x:3', 'x:4']);
  });
});
