// Every refusal as a client sees it: status, OpenAI's error object, and the headers that steer retries.
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type CloudRig, chat, engineAnswer, OTHER_KEY, openCloud } from './cloud-rig.js';
import { DeskRefusal } from './scripted-desk.js';

let rig: CloudRig;
beforeEach(async () => {
  rig = await openCloud();
});
afterEach(() => rig.close());

const errorBody = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    code: z.string(),
    param: z.string().nullable(),
  }),
});

/** Exactly OpenAI's four members, and the status. */
const errorOf = async (response: Response) => {
  const { type, code, param } = errorBody.parse(await response.json()).error;
  return { status: response.status, type, code, param };
};

test.each([
  ['none', {}],
  ['another scheme', { authorization: 'Basic cms6eA==' }],
  ['an unknown key', { authorization: 'Bearer rk-no' }],
])('answers 401 to %s, before reading the body', async (_title, headers) => {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
    body: 'not json',
  });
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(response)).toEqual({
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    param: null,
  });
});

test.each([
  ['an unknown field', { ...chat, chat_template: 'x' }, 'unsupported_parameter', 'chat_template'],
  ['a field of a wrong type', { ...chat, temperature: 'hot' }, 'invalid_value', 'temperature'],
  ['several choices', { ...chat, n: 2 }, 'invalid_value', 'n'],
  ['tools', { ...chat, tools: [] }, 'unsupported_parameter', 'tools'],
  ['a missing model', { messages: chat.messages }, 'invalid_value', 'model'],
  ['stream options without a stream', { ...chat, stream_options: {} }, 'invalid_value', 'stream_options'],
  ['an array', [chat], 'invalid_value', null],
  ['broken JSON', '{"model":', 'invalid_json', null],
  ['JSON nested beyond reason', '['.repeat(100_000), 'invalid_json', null],
])('answers 400 with the field to %s', async (_title, body, code, param) => {
  const response = await rig.ask('/v1/chat/completions', body);
  expect(await errorOf(response)).toEqual({ status: 400, type: 'invalid_request_error', code, param });
  expect(rig.desk.jobs).toEqual([]);
});

test.each([
  ['a stream to be polled', { prefer: 'respond-async' }, { ...chat, stream: true }, 'stream'],
  ['a life that is no number', { 'x-resultity-ttl-ms': '5s' }, chat, 'x-resultity-ttl-ms'],
  ['a life too short', { 'x-resultity-ttl-ms': '1' }, chat, 'x-resultity-ttl-ms'],
  ['an idempotency key with spaces', { 'idempotency-key': 'a b' }, chat, 'idempotency-key'],
])('answers 400 to %s', async (_title, headers, body, param) => {
  const response = await rig.ask('/v1/chat/completions', body, headers as Record<string, string>);
  expect(await errorOf(response)).toMatchObject({ status: 400, code: 'invalid_value', param });
});

test('answers 413 to a body beyond the limit and 415 to one that is not JSON', async () => {
  const small = await openCloud({ bodyBytes: 100 });
  const large = await small.ask('/v1/chat/completions', { ...chat, user: 'x'.repeat(200) });
  expect(await errorOf(large)).toMatchObject({ status: 413, code: 'request_too_large' });
  await small.close();
  const form = await rig.ask('/v1/chat/completions', 'a=b', {
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(await errorOf(form)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
});

test('answers 404 to an unknown model, with its name as the field', async () => {
  const refused = { type: 'invalid_request_error', code: 'model_not_found', param: 'model' };
  const asked = rig.openai.chat.completions.create({ ...chat, model: 'gpt-9' });
  await expect(asked).rejects.toMatchObject({ status: 404, ...refused });
  await expect(asked).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(rig.openai.models.retrieve('gpt-9')).rejects.toMatchObject({ status: 404, ...refused });
});

test.each([['/v1/jobs/01HF7YAT000000000000009999'], ['/v1/jobs/no-ulid']])(
  'answers 404 to the job %s',
  async (path) => {
    expect(await errorOf(await rig.ask(path))).toMatchObject({ status: 404, code: 'job_not_found' });
  },
);

test('answers 402 when credits are short, which no client retries', async () => {
  rig.desk.script = () => {
    throw new DeskRefusal('INSUFFICIENT_CREDITS');
  };
  const retrying = new OpenAI({
    apiKey: 'rk-0123abcd-4567cdef-secret',
    baseURL: `${rig.url}/v1`,
    maxRetries: 2,
  });
  await expect(retrying.chat.completions.create(chat)).rejects.toMatchObject({
    status: 402,
    type: 'insufficient_quota',
    code: 'credit_balance_exhausted',
  });
  expect(rig.desk.jobs).toHaveLength(1);
});

test('names the field when too many tokens are asked for', async () => {
  rig.desk.script = () => {
    throw new DeskRefusal('TOO_MANY_TOKENS');
  };
  const response = await rig.ask('/v1/chat/completions', { ...chat, max_completion_tokens: 999_999 });
  expect(await errorOf(response)).toMatchObject({
    status: 400,
    code: 'context_length_exceeded',
    param: 'max_completion_tokens',
  });
});

test.each([
  ['no_capacity', 503, 'server_error', 'no_capacity', { 'retry-after': '10', 'retry-after-ms': '10000' }],
  ['shutting_down', 503, 'server_error', 'shutting_down', { 'retry-after': '5' }],
  ['deadline_exceeded', 504, 'server_error', 'deadline_exceeded', { 'x-should-retry': 'false' }],
  ['node_failed', 502, 'server_error', 'upstream_failed', { 'x-should-retry': 'false' }],
  ['constructor', 502, 'server_error', 'upstream_failed', { 'x-should-retry': 'false' }],
  ['context_length_exceeded', 400, 'invalid_request_error', 'context_length_exceeded', {}],
  ['invalid_request', 400, 'invalid_request_error', 'invalid_value', {}],
  ['cancelled', 409, 'invalid_request_error', 'cancelled', { 'x-should-retry': 'false' }],
])("turns the desk's %s into %i", async (refusal, status, type, code, headers) => {
  rig.desk.script = (job) => job.fail(refusal, 'messages');
  for (const body of [chat, { ...chat, stream: true }]) {
    const response = await rig.ask('/v1/chat/completions', body);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': rig.desk.last.job,
    });
    expect(await errorOf(response)).toEqual({
      status,
      type,
      code,
      param: code === 'upstream_failed' ? null : 'messages',
    });
  }
});

test('keeps the SDK from retrying what was retried on the network', async () => {
  const retrying = new OpenAI({
    apiKey: 'rk-0123abcd-4567cdef-secret',
    baseURL: `${rig.url}/v1`,
    maxRetries: 2,
  });
  rig.desk.script = (job) => job.fail('node_failed');
  await expect(retrying.chat.completions.create(chat)).rejects.toMatchObject({ status: 502 });
  expect(rig.desk.jobs).toHaveLength(1);
});

test('refuses an idempotency key that named another request, or a stream that was read', async () => {
  rig.desk.script = (job) => job.complete(null);
  const named = { 'idempotency-key': 'order-7' };
  const read = await rig.ask('/v1/chat/completions', { ...chat, stream: true }, named);
  const refused = { status: 409, code: 'idempotency_key_reused', param: 'idempotency-key' };
  expect(await errorOf(read)).toMatchObject(refused);
  rig.desk.script = (job) => {
    job.view = { ...job.view, endpoint: 'completions' };
    job.complete(engineAnswer);
  };
  const other = await rig.ask('/v1/chat/completions', chat, named);
  expect(other.headers.get('x-should-retry')).toBe('false');
  expect(await errorOf(other)).toMatchObject(refused);
});

test('hides what went wrong inside', async () => {
  rig.desk.script = () => {
    throw new TypeError('secret of the house');
  };
  const response = await rig.ask('/v1/chat/completions', chat);
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(JSON.parse(text).error).toMatchObject({ type: 'server_error', code: 'internal_error' });
  expect(text).not.toContain('secret');
});

test('limits each key by itself, tells the budget, and the SDK comes back in time', async () => {
  const slow = await openCloud({ requestsPerSecond: 2 });
  const first = await slow.ask('/v1/models');
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'x-ratelimit-limit-requests': '2',
    'x-ratelimit-remaining-requests': '1',
    'x-ratelimit-reset-requests': '1s',
  });
  await slow.ask('/v1/models');
  const refused = await slow.ask('/v1/models');
  const wait = Number(refused.headers.get('retry-after-ms'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(1000);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  expect(await errorOf(refused)).toEqual({
    status: 429,
    type: 'rate_limit_exceeded',
    code: 'rate_limit_exceeded',
    param: null,
  });
  const other = await slow.ask('/v1/models', undefined, { authorization: `Bearer ${OTHER_KEY}` });
  expect(other.status).toBe(200);
  slow.desk.script = (job) => job.complete(engineAnswer);
  const patient = new OpenAI({
    apiKey: 'rk-0123abcd-4567cdef-secret',
    baseURL: `${slow.url}/v1`,
    maxRetries: 2,
  });
  expect((await patient.chat.completions.create(chat)).object).toBe('chat.completion');
  await slow.close();
});
