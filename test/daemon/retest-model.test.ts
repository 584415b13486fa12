// The owner's order to test a model again reaches the node that lists it, and that model alone.
import { expect, test } from 'vitest';
import { retestModel } from '../../src/daemon/retest-model.js';

const nodeWith = (url: string, models: readonly { digest: string; state: string }[]) => {
  const heard: unknown[] = [];
  const actor = { getSnapshot: () => ({ context: { models } }), send: (event: unknown) => heard.push(event) };
  const view = { isCalled: (name: string) => name === url };
  return { heard, node: { url, actor, view } as unknown as Parameters<typeof retestModel>[0][number] };
};

test('goes to the first network that lists the model, or to the one named', () => {
  const one = nodeWith('one', [{ digest: 'D1', state: 'active' }]);
  const two = nodeWith('two', [{ digest: 'D1', state: 'failed' }]);
  const nodes = [one.node, two.node];
  expect(retestModel(nodes, { digest: 'D1' })).toEqual({ retested: true, state: 'active' });
  expect([one.heard, two.heard]).toEqual([[{ type: 'model.retested', digest: 'D1' }], []]);
  expect(retestModel(nodes, { digest: 'D1', network: 'two' })).toEqual({ retested: true, state: 'failed' });
  expect(two.heard).toEqual([{ type: 'model.retested', digest: 'D1' }]);
});

test.each(['absent', 'downloading', 'pending', 'testing', 'inactive'])(
  'leaves a model alone that is %s',
  (state) => {
    const { heard, node } = nodeWith('one', [{ digest: 'D1', state }]);
    expect(retestModel([node], { digest: 'D1' })).toEqual({ retested: false, state });
    expect(heard).toEqual([]);
  },
);

test('says so when nobody lists the model', () => {
  const { node } = nodeWith('one', [{ digest: 'D1', state: 'active' }]);
  const asked = [{ digest: 'D2' }, { digest: 'D1', network: 'three' }];
  for (const order of asked) {
    expect(() => retestModel([node], order)).toThrow(expect.objectContaining({ code: 'MODEL_UNLISTED' }));
  }
});
