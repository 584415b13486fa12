import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/protocol/openai/endpoint.js';
import { parseJobRequest } from '../../src/protocol/openai/request.js';
import { buildEngineRequest } from '../../src/services/engine-request.js';
import { VLLM_REQUEST_FIELDS } from '../protocol/vllm-request-fields.js';

const MINIMAL = {
  'chat.completions': { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] },
  completions: { model: 'tiny', prompt: 'Hi' },
  embeddings: { model: 'tiny', input: 'Hi' },
} as const;
const ENDPOINTS = Object.keys(MINIMAL) as Endpoint[];

const build = (endpoint: Endpoint, change: object, options = { streamed: false, maxTokens: 100 }) => {
  const parsed = parseJobRequest(endpoint, { ...MINIMAL[endpoint], ...change });
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return buildEngineRequest(parsed.request, options);
};

const GENERATING = [
  'model',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'presence_penalty',
  'frequency_penalty',
  'repetition_penalty',
  'stop',
  'seed',
  'stream',
  'stream_options',
  'max_tokens',
  'logprobs',
];
/** Everything an engine may ever be sent. */
const SENT: Readonly<Record<Endpoint, readonly string[]>> = {
  'chat.completions': [...GENERATING, 'messages', 'top_logprobs'],
  completions: [...GENERATING, 'prompt'],
  embeddings: ['model', 'input', 'encoding_format', 'dimensions'],
};

test('lets nothing unlisted reach the engine, whatever a client adds', () => {
  const value = fc.oneof(fc.constantFrom(null, true, 0, 1, 'x'), fc.jsonValue({ maxDepth: 2 }));
  const field = fc.oneof(fc.constantFrom(...VLLM_REQUEST_FIELDS), fc.string({ maxLength: 10 }));
  const extra = fc.dictionary(field, value, { maxKeys: 3, noNullPrototype: true });
  let built = 0;
  fc.assert(
    fc.property(fc.constantFrom(...ENDPOINTS), extra, fc.boolean(), (endpoint, fields, streamed) => {
      const parsed = parseJobRequest(endpoint, { ...MINIMAL[endpoint], ...fields });
      if (!parsed.ok) return;
      built++;
      const request = buildEngineRequest(parsed.request, { streamed, maxTokens: 100 });
      expect(Object.keys(request).filter((key) => !SENT[endpoint].includes(key))).toEqual([]);
      expect(Object.values(request)).not.toContain(null);
      expect(Object.values(request)).not.toContain(undefined);
    }),
    { numRuns: 2_000 },
  );
  expect(built).toBeGreaterThan(100);
});

test.each(['chat.completions', 'completions'] as const)(
  'never asks for more tokens than the job allows: %s',
  (endpoint) => {
    const tokens = (change: object) => build(endpoint, change).max_tokens;
    expect(tokens({})).toBe(100);
    expect(tokens({ max_tokens: null })).toBe(100);
    expect(tokens({ max_tokens: 7 })).toBe(7);
    expect(tokens({ max_tokens: 101 })).toBe(100);
    expect(tokens({ max_tokens: 1_000_000 })).toBe(100);
  },
);

test('prefers the newer name of the token limit', () => {
  expect(build('chat.completions', { max_tokens: 50, max_completion_tokens: 7 }).max_tokens).toBe(7);
  expect(build('chat.completions', { max_completion_tokens: 700 })).not.toHaveProperty(
    'max_completion_tokens',
  );
});

test('decides streaming and usage itself, for the receipt needs the usage', () => {
  const asked = { stream: true, stream_options: { include_usage: false }, user: 'somebody', n: 1 };
  expect(build('completions', asked)).toEqual({ ...MINIMAL.completions, stream: false, max_tokens: 100 });
  expect(build('completions', { ...asked, stream: false }, { streamed: true, maxTokens: 100 })).toEqual({
    ...MINIMAL.completions,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 100,
  });
});

test('passes what is listed on unchanged', () => {
  const sampling = {
    temperature: 0,
    top_p: 0.5,
    top_k: -1,
    min_p: 0,
    presence_penalty: 1,
    frequency_penalty: -1,
    repetition_penalty: 1.1,
    stop: ['x'],
    seed: 0,
  };
  expect(build('chat.completions', { ...sampling, logprobs: true, top_logprobs: 2 })).toEqual({
    ...MINIMAL['chat.completions'],
    ...sampling,
    logprobs: true,
    top_logprobs: 2,
    stream: false,
    max_tokens: 100,
  });
  expect(build('completions', { ...sampling, logprobs: 0, suffix: '' })).toEqual({
    ...MINIMAL.completions,
    ...sampling,
    logprobs: 0,
    stream: false,
    max_tokens: 100,
  });
  const embedding = { encoding_format: 'base64', dimensions: 64 };
  expect(build('embeddings', { ...embedding, user: 'somebody' })).toEqual({
    ...MINIMAL.embeddings,
    ...embedding,
  });
});
