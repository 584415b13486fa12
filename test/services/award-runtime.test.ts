// Who gets the one Runtime, for whatever networks may wish.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuntimeSpec } from '../../src/adapters/runtime/runtime-driver.js';
import { awardRuntime, type RuntimeWish, runtimeKey } from '../../src/services/award-runtime.js';
import { modelOf, spec } from '../adapters/runtime/specs.js';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** Few values each, so that wishes often agree. */
const anySpec: fc.Arbitrary<RuntimeSpec> = fc
  .record({
    engine: fc.constantFrom('vllm', 'simulator'),
    image: fc.constantFrom(undefined, `sha256:${'e'.repeat(64)}`),
    flags: fc.constantFrom({}, { a: '1', b: '2' }, { b: '2', a: '1' }, { a: '2' }),
    models: fc.constantFrom(
      [modelOf('m')],
      [modelOf('m', { digest: digest('2') })],
      [modelOf('m'), modelOf('n')],
    ),
    maxConcurrent: fc.constantFrom(1, 8),
    origin: fc.record({
      network: fc.constantFrom('testnet', 'mainnet'),
      configDigest: fc.constantFrom(digest('a'), digest('b')),
    }),
  })
  .map((change) => spec(change));

const anyWish: fc.Arbitrary<RuntimeWish> = fc.record({
  spec: fc.option(anySpec, { nil: undefined }),
  isHopeless: fc.boolean(),
});
const anyWishes = fc.array(anyWish, { maxLength: 4 });

test('somebody is served exactly when somebody wants something', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      expect(awardRuntime(wishes) === undefined).toBe(wishes.every((wish) => wish.spec === undefined));
    }),
  );
});

test('nobody before the holder has a wish with hope, unless nobody has', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      const award = awardRuntime(wishes);
      if (award === undefined) return;
      expect(award.spec).toBe(wishes[award.holder]?.spec);
      const hasHope = ({ spec: wanted, isHopeless }: RuntimeWish) => wanted !== undefined && !isHopeless;
      if (wishes.some(hasHope)) expect(wishes.findIndex(hasHope)).toBe(award.holder);
      else expect(wishes.findIndex((wish) => wish.spec !== undefined)).toBe(award.holder);
    }),
  );
});

test('those who ask for the same share it, the others have nothing to say', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      const award = awardRuntime(wishes);
      if (award === undefined) return;
      const key = runtimeKey(award.spec);
      wishes.forEach(({ spec: wanted }, at) => {
        const agrees = wanted !== undefined && runtimeKey(wanted) === key;
        expect(award.sharers.includes(at)).toBe(agrees);
      });
      const heard = wishes.map((wish, at) =>
        award.sharers.includes(at) ? wish : { ...wish, spec: undefined },
      );
      expect(awardRuntime(heard)).toEqual(award);
    }),
  );
});

test('a network that comes last changes nothing for those before it, as long as one of them can be served', () => {
  fc.assert(
    fc.property(anyWishes, anyWish, (wishes, last) => {
      const before = awardRuntime(wishes);
      if (before === undefined || wishes[before.holder]?.isHopeless === true) return;
      const after = awardRuntime([...wishes, last]);
      expect(after).toMatchObject({ spec: before.spec, holder: before.holder });
    }),
  );
});

const BASE = spec({ image: digest('e'), flags: { a: '1', b: '2' }, models: [modelOf('m'), modelOf('n')] });

test.each<[string, Partial<RuntimeSpec>]>([
  ['where it comes from', { origin: { network: 'other', configDigest: digest('f') }, specHash: digest('f') }],
  ['how many requests at once', { maxConcurrent: 64 }],
  ['bounds of memory', { memoryBytes: 1, sharedMemoryBytes: 2 }],
  ['the order of flags', { flags: { b: '2', a: '1' } }],
  ['the order of models', { models: [modelOf('n'), modelOf('m')] }],
])('%s does not keep networks from sharing', (_, change) => {
  expect(runtimeKey({ ...BASE, ...change })).toBe(runtimeKey(BASE));
});

test.each<[string, Partial<RuntimeSpec>]>([
  ['another engine', { engine: 'llama.cpp' }],
  ['another image', { image: digest('d') }],
  ['another bridge', { bridgeImage: digest('d') }],
  ['another context', { contextTokens: 2048 }],
  ['another flag', { flags: { a: '1', b: '3' } }],
  ['one flag less', { flags: { a: '1' } }],
  ['other content under the same name', { models: [modelOf('m', { digest: digest('9') }), modelOf('n')] }],
  ['the same content under another name', { models: [modelOf('o'), modelOf('n')] }],
  ['another task', { models: [modelOf('m', { tasks: ['embedding'] }), modelOf('n')] }],
  ['one model less', { models: [modelOf('m')] }],
])('%s is another Runtime', (_, change) => {
  expect(runtimeKey({ ...BASE, ...change })).not.toBe(runtimeKey(BASE));
});
