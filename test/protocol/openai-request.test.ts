import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/protocol/openai/endpoint.js';
import { parseJobRequest, requestedTokens } from '../../src/protocol/openai/request.js';
import { VLLM_REQUEST_FIELDS } from './vllm-request-fields.js';

const MINIMAL = {
  'chat.completions': { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] },
  completions: { model: 'tiny', prompt: 'Hi' },
  embeddings: { model: 'tiny', input: 'Hi' },
} as const;
const ENDPOINTS = Object.keys(MINIMAL) as Endpoint[];

const SAMPLING = [
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
  'n',
  'stream',
  'stream_options',
  'user',
];
const LISTED: Readonly<Record<Endpoint, readonly string[]>> = {
  'chat.completions': [
    ...SAMPLING,
    'messages',
    'max_tokens',
    'max_completion_tokens',
    'logprobs',
    'top_logprobs',
    'response_format',
  ],
  completions: [...SAMPLING, 'prompt', 'max_tokens', 'logprobs', 'suffix'],
  embeddings: ['model', 'input', 'encoding_format', 'dimensions', 'user'],
};

const verdict = (endpoint: Endpoint, change: object) => {
  const parsed = parseJobRequest(endpoint, { ...MINIMAL[endpoint], ...change });
  return parsed.ok ? 'accepted' : `${parsed.refusal.code} ${parsed.refusal.param}`;
};

test.each(ENDPOINTS)('refuses by name every request field of vLLM that is not listed for %s', (endpoint) => {
  const unlisted = VLLM_REQUEST_FIELDS.filter((field) => !LISTED[endpoint].includes(field));
  expect(unlisted.length).toBeGreaterThan(40);
  for (const field of unlisted) {
    for (const value of [true, null, 1, 'x', [], {}]) {
      expect(verdict(endpoint, { [field]: value })).toBe(`unsupported_parameter ${field}`);
    }
  }
});

test.each([
  'tools',
  'functions',
  'function_call',
  'modalities',
  'audio',
  'store',
  'metadata',
  'extra_body',
  'verbosity',
])('refuses %s, which OpenAI knows and this network does not', (field) => {
  expect(verdict('chat.completions', { [field]: null })).toBe(`unsupported_parameter ${field}`);
});

test.each<readonly [Endpoint, string, readonly unknown[], readonly unknown[]]>([
  ['chat.completions', 'temperature', [0, 2, null], [-0.1, 2.1, '1', Number.NaN]],
  ['chat.completions', 'top_p', [0.001, 1, null], [0, 1.1]],
  ['chat.completions', 'top_k', [-1, 1000], [-2, 1001, 1.5, null]],
  ['chat.completions', 'min_p', [0, 1], [-0.1, 1.1]],
  ['chat.completions', 'presence_penalty', [-2, 2, null], [-2.1, 2.1]],
  ['chat.completions', 'frequency_penalty', [-2, 2, null], [-2.1, 2.1]],
  ['chat.completions', 'repetition_penalty', [0.01, 2], [0, 2.1]],
  [
    'chat.completions',
    'stop',
    ['x', 'x'.repeat(64), Array(8).fill('x'), null],
    ['', 'x'.repeat(65), Array(9).fill('x'), []],
  ],
  ['chat.completions', 'seed', [-(2 ** 53) + 1, 2 ** 53 - 1, null], [2 ** 53, -(2 ** 53), 0.5]],
  ['chat.completions', 'n', [1, null], [0, 2, 1_000_000]],
  ['chat.completions', 'max_tokens', [1, 1_000_000, null], [0, 1_000_001, -1]],
  ['chat.completions', 'max_completion_tokens', [1, 1_000_000, null], [0, 1_000_001]],
  ['chat.completions', 'logprobs', [true, false, null], [1, 'true']],
  ['chat.completions', 'top_logprobs', [0, 5, null], [-1, 6]],
  [
    'chat.completions',
    'response_format',
    [{ type: 'text' }],
    [{ type: 'json_object' }, { type: 'json_schema' }, null],
  ],
  ['chat.completions', 'user', ['', 'u'.repeat(256)], ['u'.repeat(257), null]],
  ['chat.completions', 'model', ['org/model:tag'], ['', '../x', 'm'.repeat(129), null]],
  ['chat.completions', 'stream', [true, false, null], ['yes', 1]],
  ['chat.completions', 'stream_options', [{ include_usage: true }, {}, null], [{ include_usage: 1 }, 'x']],
  ['completions', 'logprobs', [0, 5, null], [-1, 6, true]],
  ['completions', 'suffix', ['', null], ['x']],
  ['completions', 'prompt', ['', ['x']], [['x', 'y'], [], [1, 2], 7]],
  ['embeddings', 'encoding_format', ['float', 'base64', null], ['bytes']],
  ['embeddings', 'dimensions', [1, 65_536], [0, 65_537, null]],
  [
    'embeddings',
    'input',
    ['x', ['x', 'y'], [1, 2], [[1], [2, 3]]],
    ['', [], [''], [-1], [1.5], [[]], [['x']], { text: 'x' }],
  ],
])('takes %s %s within its range and refuses it by name beyond', (endpoint, field, within, beyond) => {
  for (const value of within) expect(verdict(endpoint, { [field]: value }), String(value)).toBe('accepted');
  for (const value of beyond) {
    expect(verdict(endpoint, { [field]: value }), String(value)).toMatch(
      new RegExp(`^invalid_value ${field}`),
    );
  }
});

test.each<readonly [string, unknown, string]>([
  ['no messages', [], 'invalid_value messages'],
  ['2,049 messages', Array(2049).fill({ role: 'user', content: 'x' }), 'invalid_value messages'],
  ['a tool role', [{ role: 'tool', content: 'x' }], 'invalid_value messages.0.role'],
  ['an upper-case role', [{ role: 'System', content: 'x' }], 'invalid_value messages.0.role'],
  ['no content', [{ role: 'assistant', content: null }], 'invalid_value messages.0.content'],
  [
    'an image',
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://x' } }] }],
    'invalid_value messages.0.content',
  ],
  [
    '257 parts',
    [{ role: 'user', content: Array(257).fill({ type: 'text', text: 'x' }) }],
    'invalid_value messages.0.content',
  ],
  [
    'an extra field',
    [{ role: 'user', content: 'x', tool_calls: [] }],
    'unsupported_parameter messages.0.tool_calls',
  ],
  [
    'an extra field of a part',
    [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }] }],
    'unsupported_parameter messages.0.content.0.cache_control',
  ],
  [
    'a name too long',
    [{ role: 'user', content: 'x', name: 'n'.repeat(65) }],
    'invalid_value messages.0.name',
  ],
])('refuses messages with %s', (_, messages, expected) => {
  expect(verdict('chat.completions', { messages }).startsWith(expected)).toBe(true);
});

test('drops nothing silently: what is accepted is what was written', () => {
  const value = fc.oneof(
    fc.constantFrom(0, 1, 2, true, false, null, 'x', 'text'),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const field = fc.oneof(fc.constantFrom(...VLLM_REQUEST_FIELDS), fc.string({ maxLength: 8 }));
  const extra = fc.dictionary(field, value, { maxKeys: 3, noNullPrototype: true });
  fc.assert(
    fc.property(fc.constantFrom(...ENDPOINTS), extra, (endpoint, fields) => {
      const body = { ...MINIMAL[endpoint], ...fields };
      const parsed = parseJobRequest(endpoint, body);
      if (parsed.ok) expect(parsed.request).toEqual({ endpoint, body });
      else expect(parsed.refusal.param).not.toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test('refuses __proto__ by name at every level of a request', () => {
  for (const text of [
    '{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"n":1}}',
    '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"n":1}}]}',
    '{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x","__proto__":{}}]}]}',
  ]) {
    const parsed = parseJobRequest('chat.completions', JSON.parse(text));
    expect(parsed.ok ? null : parsed.refusal.param).toMatch(/__proto__$/);
  }
});

test('says which field is at fault and never what was in it', () => {
  const secret = 'the prompt of somebody';
  for (const change of [
    { temperature: secret },
    { messages: secret },
    { n: [secret] },
    { stop: [secret.repeat(9)] },
  ]) {
    const parsed = parseJobRequest('chat.completions', { ...MINIMAL['chat.completions'], ...change });
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed)).not.toContain(secret);
  }
});

test.each([null, [], 'text', 1, undefined])('refuses %j as a body', (body) => {
  expect(parseJobRequest('completions', body)).toMatchObject({
    ok: false,
    refusal: { code: 'invalid_value', param: null },
  });
});

test('a field name too long to repeat is cut', () => {
  const parsed = parseJobRequest('completions', { ...MINIMAL.completions, ['x'.repeat(10_000)]: 1 });
  expect(parsed.ok ? '' : parsed.refusal.param).toBe('x'.repeat(64));
});

test('knows how many tokens were asked for', () => {
  const asked = (endpoint: Endpoint, change: object): number | undefined => {
    const parsed = parseJobRequest(endpoint, { ...MINIMAL[endpoint], ...change });
    return parsed.ok ? requestedTokens(parsed.request) : Number.NaN;
  };
  expect(asked('chat.completions', {})).toBeUndefined();
  expect(asked('chat.completions', { max_tokens: 5 })).toBe(5);
  expect(asked('chat.completions', { max_tokens: 5, max_completion_tokens: 3 })).toBe(3);
  expect(asked('completions', { max_tokens: 7 })).toBe(7);
  expect(asked('completions', { max_tokens: null })).toBeUndefined();
  expect(asked('embeddings', {})).toBe(0);
});
