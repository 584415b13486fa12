import { expect, test } from 'vitest';
import { CONFIG } from '../../scripts/vectors/samples.js';
import type { ConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import { chooseRuntimeSpec, type SpecChoice } from '../../src/services/runtime-spec.js';

const [TINY] = CONFIG.models;
if (TINY === undefined) throw new Error('the sample configuration lists a model');
/** A further model of the same engine. */
const more = (id: string, change: Partial<ConfigSnapshot['models'][number]> = {}) => ({
  ...TINY,
  id,
  digest: `sha256:${id.padEnd(64, '0')}`,
  ...change,
});
const config = (...models: ConfigSnapshot['models']): ConfigSnapshot => ({ ...CONFIG, models });

const choose = (change: Partial<SpecChoice> = {}) =>
  chooseRuntimeSpec({
    config: CONFIG,
    engine: 'vllm',
    maxModels: 1,
    pathOf: (digest) => `/models/${digest}`,
    slots: undefined,
    configDigest: `sha256:${'c'.repeat(64)}`,
    gpus: [],
    ...change,
  });

test('chooses the listed model that is made for the engine, with its path', () => {
  expect(choose()).toEqual({
    specHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    engine: 'vllm',
    models: [
      { id: 'tiny', digest: TINY.digest, path: `/models/${TINY.digest}`, tasks: ['chat', 'completion'] },
    ],
    maxConcurrent: 16,
    contextTokens: 8192,
    image: CONFIG.runtimes[0]?.image,
    bridgeImage: undefined,
    flags: {},
    gpus: [],
    memoryBytes: undefined,
    sharedMemoryBytes: undefined,
    origin: { network: CONFIG.network, configDigest: `sha256:${'c'.repeat(64)}` },
  });
});

test('chooses nothing when nothing is enabled, made for the engine, or installed', () => {
  expect(choose({ engine: 'unheard-of' })).toBeUndefined();
  expect(choose({ pathOf: () => undefined })).toBeUndefined();
  expect(choose({ config: config(more('a', { enabled: false })) })).toBeUndefined();
  expect(choose({ config: config() })).toBeUndefined();
});

test('skips what cannot be served and takes the next, in the order of the list', () => {
  const listed = config(
    more('a', { enabled: false }),
    more('b', { engines: ['ollama'] }),
    more('c'),
    more('d', { context_tokens: 32_768 }),
    more('e'),
  );
  const pathOf = (digest: string) => (digest.includes('c') ? undefined : null);
  const ids = (maxModels: number) =>
    choose({ config: listed, pathOf, maxModels })?.models.map(({ id }) => id);
  expect(ids(1)).toEqual(['d']);
  expect(ids(2)).toEqual(['d', 'e']);
  expect(choose({ config: listed, pathOf, maxModels: 2 })?.contextTokens).toBe(32_768);
});

test('names no path where the engine brings its own weights', () => {
  const spec = choose({ pathOf: () => null });
  expect(spec?.models).toEqual([{ id: 'tiny', digest: TINY.digest, path: undefined, tasks: TINY.tasks }]);
});

test('bounds concurrency by the network and by the owner, and is careful where neither spoke', () => {
  expect(choose({ slots: 4 })?.maxConcurrent).toBe(4);
  expect(choose({ slots: 400 })?.maxConcurrent).toBe(16);
  expect(choose({ config: { ...CONFIG, runtimes: [] } })?.maxConcurrent).toBe(1);
  expect(
    choose({ config: { ...CONFIG, runtimes: [{ engine: 'ollama', max_concurrent: 9 }] } })?.maxConcurrent,
  ).toBe(1);
});

test('gives equal hashes to equal choices, and other hashes to any other', () => {
  const other = { ...CONFIG, version: 99, expires_ms: CONFIG.expires_ms + 1 };
  expect(choose({ config: other })?.specHash).toBe(choose()?.specHash);
  const hashes = [
    choose(),
    choose({ slots: 2 }),
    choose({ pathOf: () => '/elsewhere' }),
    choose({ pathOf: () => null }),
    choose({ pathOf: () => null, config: config(more('tiny')) }),
    choose({ config: config({ ...TINY, context_tokens: 4096 }) }),
    choose({ config: config(TINY, more('b')), maxModels: 2 }),
  ].map((spec) => spec?.specHash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
