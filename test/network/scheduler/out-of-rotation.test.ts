// The reasons a node is offered nothing: one for each cause, and none exactly when the scheduler would offer.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Candidate,
  canServe,
  hasCredit,
  type Wanted,
} from '../../../src/network/scheduler/choose-node.js';
import { whyOutOfRotation } from '../../../src/network/scheduler/out-of-rotation.js';

const CONFIG = `sha256:${'c'.repeat(64)}`;
const MODEL = `sha256:${'d'.repeat(64)}`;
const wanted: Wanted[] = [{ model: 'tiny', modelDigest: MODEL, configDigest: CONFIG }];

const willing: Candidate = {
  node: '0x1',
  standing: { state: 'active' },
  models: new Map([['tiny', MODEL]]),
  configDigest: CONFIG,
  draining: false,
  paused: false,
  creditLimit: 4,
  offersSent: 0,
  slotsTotal: 2,
  inflight: 0,
};

test.each<[string, Partial<Candidate>, readonly string[]]>([
  ['serves', {}, []],
  ['did not say yet how many jobs it runs at once', { slotsTotal: null }, []],
  ['has no owner', { standing: { state: 'pending' } }, ['standing']],
  ['drains', { draining: true }, ['draining']],
  ['is paused, and so drains as well', { draining: true, paused: true }, ['paused']],
  ['follows no configuration', { configDigest: null }, ['other_config']],
  ['follows an older configuration', { configDigest: MODEL }, ['other_config']],
  ['has no model', { models: new Map() }, ['no_active_model']],
  ['has another version of the model', { models: new Map([['tiny', CONFIG]]) }, ['no_active_model']],
  ['has no slots', { slotsTotal: 0 }, ['no_slots']],
  ['has all it asked for', { offersSent: 4 }, ['busy']],
  [
    'rests and is behind',
    { draining: true, configDigest: MODEL, models: new Map() },
    ['draining', 'other_config'],
  ],
])('a node that %s', (_what, change, reasons) => {
  expect(whyOutOfRotation({ ...willing, ...change }, wanted)).toEqual(reasons);
});

test('a node that is not connected, and a network without a configuration in force', () => {
  expect(whyOutOfRotation(undefined, wanted)).toEqual(['offline']);
  expect(whyOutOfRotation(willing, [])).toEqual(['no_config']);
});

test('gives no reason exactly when there is a model the scheduler would offer', () => {
  const digest = fc.constantFrom(CONFIG, MODEL);
  const candidate = fc.record({
    node: fc.constant('0x1'),
    standing: fc.record({
      state: fc.constantFrom('active', 'pending', 'paused', 'frozen', 'cooldown' as const),
    }),
    models: fc.uniqueArray(fc.tuple(fc.constantFrom('tiny', 'huge'), digest)).map((all) => new Map(all)),
    configDigest: fc.option(digest),
    draining: fc.boolean(),
    paused: fc.boolean(),
    creditLimit: fc.nat(2),
    offersSent: fc.nat(2),
    slotsTotal: fc.option(fc.nat(2)),
    inflight: fc.nat(2),
  });
  const models = fc.uniqueArray(
    fc.record({
      model: fc.constantFrom('tiny', 'huge'),
      modelDigest: digest,
      configDigest: fc.constant(CONFIG),
    }),
    { selector: ({ model }) => model },
  );
  fc.assert(
    fc.property(candidate, models, (node, wish) => {
      const isOffered = hasCredit(node) && wish.some((one) => canServe(node, one));
      expect(whyOutOfRotation(node, wish).length === 0).toBe(isOffered);
    }),
  );
});
