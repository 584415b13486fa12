import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readConfigDraft } from '../../../src/network/publishing/config-draft.js';
import { ConfigDraftError, type DraftFault } from '../../../src/network/publishing/publishing-errors.js';
import { modelDigest } from '../../../src/protocol/model-manifest.js';
import { goodDraft } from './draft.js';

const faultsOf = (text: string): readonly DraftFault[] => {
  try {
    readConfigDraft(text);
  } catch (caught) {
    if (caught instanceof ConfigDraftError) return caught.faults;
    throw caught;
  }
  return [];
};
const [model] = goodDraft.models;
if (model === undefined) throw new Error('the draft has a model');

test('reads YAML and JSON alike', () => {
  expect(readConfigDraft(stringify(goodDraft))).toEqual(goodDraft);
  expect(readConfigDraft(JSON.stringify(goodDraft))).toEqual(goodDraft);
});

test('computes the digest of a model that states none', () => {
  const { digest, ...rest } = model;
  const draft = readConfigDraft(JSON.stringify({ ...goodDraft, models: [rest] }));
  expect(draft.models[0]?.digest).toBe(digest);
});

test('computes the digest of a model whose engine brings the weights from its id and version', () => {
  const { digest: _, ...rest } = { ...model, files: [] };
  const draft = readConfigDraft(JSON.stringify({ ...goodDraft, models: [rest, { ...rest, id: 'other' }] }));
  expect(draft.models.map(({ digest }) => digest)).toEqual([
    modelDigest({ id: model.id, version: model.version, files: [] }),
    modelDigest({ id: 'other', version: model.version, files: [] }),
  ]);
});

test('names every field at fault', () => {
  const draft = {
    ...goodDraft,
    jobs: { ...goodDraft.jobs, queue_max: -1, max_output_tokens: 0 },
    runtimes: 'none',
  };
  expect(
    faultsOf(JSON.stringify(draft))
      .map(({ field }) => field)
      .sort(),
  ).toEqual(['jobs.max_output_tokens', 'jobs.queue_max', 'runtimes']);
});

test('names fields that do not exist instead of dropping them', () => {
  const draft = {
    ...goodDraft,
    ttl: { ...goodDraft.ttl, hartbeat_ms: 1 },
    models: [{ ...model, vram: 1 }],
    version: 7,
  };
  expect(faultsOf(JSON.stringify(draft))).toEqual(
    expect.arrayContaining([
      { field: 'ttl.hartbeat_ms', reason: 'there is no such field' },
      { field: 'models.0.vram', reason: 'there is no such field' },
      { field: 'version', reason: 'there is no such field' },
    ]),
  );
});

test('finds what contradicts itself', () => {
  const draft = {
    ...goodDraft,
    models: [
      model,
      { ...model, digest: `sha256:${'0'.repeat(64)}`, engines: ['vllm'], tasks: ['embedding'] },
    ],
    runtimes: [...goodDraft.runtimes, ...goodDraft.runtimes],
    ttl: { ...goodDraft.ttl, retry_base_ms: 60_000, retry_cap_ms: 1_000 },
  };
  expect(faultsOf(JSON.stringify(draft)).map(({ field }) => field)).toEqual([
    'models.1.id',
    'runtimes.1.engine',
    'models.1.digest',
    'models.1.engines',
    'models.1.test.endpoint',
    'ttl.retry_cap_ms',
  ]);
});

test('refuses text that is no YAML, repeats a key, bombs with aliases, or is too long', () => {
  expect(faultsOf('a: [1')[0]?.reason).toMatch(/at line 1/);
  expect(faultsOf('a: 1\na: 2')[0]?.reason).toMatch(/unique/i);
  const bomb = [
    'a: &a [x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
      (name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(', ')}]`,
    ),
  ];
  expect(faultsOf(bomb.join('\n'))).toEqual([{ field: '', reason: 'more than 100 aliases are expanded' }]);
  expect(faultsOf(`# ${'x'.repeat(1024 * 1024)}`)[0]?.reason).toMatch(/more than 1048576 bytes/);
  expect(faultsOf('just words')).toHaveLength(1);
  expect(faultsOf('')).toHaveLength(1);
});
