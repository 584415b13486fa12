// The one word people see for a node, and why it gets no jobs.
import { expect, test } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { idleCause, idleReason, stageOf } from '../../src/machines/stage.js';
import { Rig } from '../model/rig.js';
import { lasting, passing } from '../model/worlds/failures.js';
import { busy, offerConfig, operatingNode, order, planOf, tell } from './operating-node.js';

const shown = (rig: Rig): [string, string | undefined] => {
  const snapshot = rig.snapshot as unknown as SnapshotFrom<typeof nodeMachine>;
  return [stageOf(snapshot), idleReason(snapshot)];
};

const serving = (): Rig => {
  const rig = operatingNode(planOf(1, 'x'));
  tell(rig, 'link.opened');
  tell(rig, 'standing.changed', { standing: { state: 'active' } });
  tell(rig, 'model.changed', { id: 'x', digest: 'D-x', state: 'active', reason: null });
  return rig;
};

test('a node that could take jobs is connected, and nothing stands in the way', () => {
  expect(shown(serving())).toEqual(['connected', undefined]);
});

test('during setup it says what it waits for', () => {
  const rig = new Rig(nodeMachine);
  expect(shown(rig)).toEqual(['setup', 'the node is not operating']);
  rig.finish('openIdentity', { nodeId: 'n' });
  rig.finish('probeHost');
  rig.fail('joinNetwork', passing);
  expect(shown(rig)).toEqual(['setup', 'not now']);
});

test('halted, it says why; stopped, that it is', () => {
  const rig = new Rig(nodeMachine);
  rig.fail('openIdentity', lasting);
  expect(shown(rig)).toEqual(['halted', 'never']);
  tell(rig, 'node.stop');
  expect(shown(rig)).toEqual(['stopped', 'the node is not operating']);
});

test.each<[string, (rig: Rig) => void, string, string | undefined]>([
  ['loses its link', (rig) => tell(rig, 'link.lost'), 'registered', 'not connected to the network'],
  ['works', (rig) => busy(rig, 1), 'executing', undefined],
  ['syncs', (rig) => offerConfig(rig, 2), 'syncing', undefined],
  [
    'works and syncs',
    (rig) => {
      offerConfig(rig, 2);
      busy(rig, 1);
    },
    'executing',
    undefined,
  ],
  [
    'drains',
    (rig) => {
      busy(rig, 2);
      order(rig, 'drain', { by: 'network', note: 'new release' });
    },
    'draining',
    'draining by the network, 2 jobs left (new release): `resultity-node resume` ends it',
  ],
  [
    'is paused',
    (rig) => order(rig, 'pause', { untilMs: Date.UTC(2026, 10, 23, 10, 42) }),
    'paused',
    'paused by its owner until 2026-11-23 10:42Z: `resultity-node resume` ends it',
  ],
  [
    'is paused and offline',
    (rig) => {
      order(rig, 'pause');
      tell(rig, 'link.lost');
    },
    'paused',
    'paused by its owner: `resultity-node resume` ends it',
  ],
  ['stops', (rig) => tell(rig, 'node.stop'), 'stopping', 'stopping'],
  [
    'is not claimed',
    (rig) => tell(rig, 'standing.changed', { standing: { state: 'pending' } }),
    'connected',
    'not claimed by an owner yet: run `resultity-node claim`',
  ],
  [
    'is frozen',
    (rig) => tell(rig, 'standing.changed', { standing: { state: 'frozen', text: 'talk to us' } }),
    'connected',
    'talk to us',
  ],
  [
    'cools down without a word',
    (rig) => tell(rig, 'standing.changed', { standing: { state: 'cooldown' } }),
    'connected',
    'the network says: cooldown',
  ],
  [
    'has a model in test only',
    (rig) => tell(rig, 'model.changed', { id: 'x', digest: 'D-x', state: 'testing', reason: null }),
    'connected',
    'no model has passed its test yet',
  ],
])('a serving node that %s', (_, happens, stage, reason) => {
  const rig = serving();
  happens(rig);
  expect(shown(rig)).toEqual([stage, reason]);
});

test('the cause is one word of a closed list, and there is one exactly where there are words', () => {
  const causes: [(rig: Rig) => void, string | undefined][] = [
    [() => undefined, undefined],
    [(rig) => tell(rig, 'link.lost'), 'not_connected'],
    [(rig) => order(rig, 'pause'), 'ordered'],
    [(rig) => tell(rig, 'node.stop'), 'stopping'],
    [(rig) => tell(rig, 'standing.changed', { standing: { state: 'pending' } }), 'unclaimed'],
    [(rig) => tell(rig, 'standing.changed', { standing: { state: 'frozen' } }), 'excluded'],
    [
      (rig) => tell(rig, 'model.changed', { id: 'x', digest: 'D-x', state: 'testing', reason: null }),
      'no_model_active',
    ],
  ];
  for (const [happens, cause] of causes) {
    const rig = serving();
    happens(rig);
    const snapshot = rig.snapshot as unknown as SnapshotFrom<typeof nodeMachine>;
    expect(idleCause(snapshot)).toBe(cause);
    expect(idleReason(snapshot) === undefined).toBe(cause === undefined);
  }
});

test.each([
  ['no configuration', null, 'no configuration yet'],
  ['a configuration without models', planOf(1), 'the configuration lists no model'],
])('with %s it says so', (_, plan, reason) => {
  const rig = operatingNode(plan);
  tell(rig, 'link.opened');
  tell(rig, 'standing.changed', { standing: { state: 'active' } });
  expect(shown(rig)).toEqual(['connected', reason]);
});
