// What an operator is shown before publishing: each changed field once, under a name they know.
import { expect, test } from 'vitest';
import { compareConfigs, draftOf } from '../../../src/network/publishing/compare-configs.js';
import type { ConfigSnapshot } from '../../../src/protocol/config-snapshot.js';
import { goodDraft } from './draft.js';

const DAY_MS = 24 * 3_600_000;
const { expires_in_ms: _, ...content } = goodDraft;
const inForce: ConfigSnapshot = {
  kind: 'config',
  network: 'devnet',
  version: 3,
  issued_ms: 1_000,
  expires_ms: 1_000 + 30 * DAY_MS,
  ...content,
};
const [model] = goodDraft.models;
if (model === undefined) throw new Error('the draft has a model');

test('the same again changes nothing, and neither does another order of its lists', () => {
  expect(compareConfigs(inForce, draftOf(inForce))).toEqual([]);
  const { expires_in_ms, ...usual } = draftOf(inForce);
  expect(expires_in_ms).toBe(30 * DAY_MS);
  expect(compareConfigs(inForce, usual)).toEqual([]);
  const two = { ...inForce, models: [model, { ...model, id: 'other' }] };
  expect(compareConfigs(two, { ...draftOf(two), models: two.models.toReversed() })).toEqual([]);
});

test('names each field that changes, comes or goes', () => {
  const [runtime] = content.runtimes;
  const changed = {
    ...content,
    models: [
      { ...model, context_tokens: 123 },
      { ...model, id: 'new' },
    ],
    runtimes: [{ engine: 'other', max_concurrent: 2 }],
    jobs: { ...content.jobs, queue_max: 77 },
    expires_in_ms: DAY_MS,
  };
  const changes = compareConfigs(inForce, changed);
  expect(changes.map(({ field }) => field)).toEqual(
    [
      'expires_in_ms',
      'jobs.queue_max',
      `models.${model.id}.context_tokens`,
      'models.new',
      'runtimes.other',
      `runtimes.${runtime?.engine}`,
    ].sort(),
  );
  expect(changes.find(({ field }) => field === 'jobs.queue_max')).toEqual({
    field: 'jobs.queue_max',
    before: String(content.jobs.queue_max),
    after: '77',
  });
  expect(changes.find(({ field }) => field === 'models.new')).toEqual({
    field: 'models.new',
    after: expect.stringMatching(/^\{"id":"new".*…$/),
  });
  expect(changes.find(({ field }) => field === `runtimes.${runtime?.engine}`)).not.toHaveProperty('after');
});

test('without one in force, all of the draft is new', () => {
  const changes = compareConfigs(undefined, content);
  expect(changes.every(({ before }) => before === undefined)).toBe(true);
  expect(changes.map(({ field }) => field)).toContain('models');
});
