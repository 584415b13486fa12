// Answers in one piece over real HTTP, and jobs that are polled.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type CloudRig, chat, engineAnswer, OTHER_KEY, openCloud } from './cloud-rig.js';

let rig: CloudRig;
beforeEach(async () => {
  rig = await openCloud();
});
afterEach(() => rig.close());

const vector = [0.5, -1.25, 3.0517578125e-5];
const base64 = Buffer.from(new Float32Array(vector).buffer).toString('base64');

const embedding = (first: unknown, second: unknown = first) => ({
  id: 'embd-engine',
  object: 'list',
  created: 1,
  model: '/models/blob',
  data: [
    { index: 0, object: 'embedding', embedding: first },
    { index: 1, object: 'embedding', embedding: second },
  ],
  usage: { prompt_tokens: 3, total_tokens: 3, completion_tokens: 0, prompt_tokens_details: null },
});

/** The body of an answer, which must be a JSON object. */
const json = async (asked: Promise<Response>): Promise<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(await (await asked).json());

const strip = ({ id, created, model, ...rest }: Record<string, unknown>) => rest;

test("lists and shows models through OpenAI's SDK", async () => {
  const page = await rig.openai.models.list();
  expect(page.data).toEqual([
    {
      id: 'tiny',
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'resultity',
      tasks: ['chat', 'completion'],
      context_tokens: 4096,
      available: true,
    },
    expect.objectContaining({ id: 'org/embed:v1', available: false }),
  ]);
  expect((await rig.openai.models.retrieve('org/embed:v1')).id).toBe('org/embed:v1');
  expect((await rig.ask('/v1/models/org/embed:v1')).status).toBe(200);
});

test("answers a chat through OpenAI's SDK with the engine's body, signed as the network's", async () => {
  rig.desk.script = (job) => job.complete(engineAnswer);
  const { data, response, request_id } = await rig.openai.chat.completions.create(chat).withResponse();
  const { job, order } = rig.desk.last;
  expect({ id: data.id, model: data.model, created: data.created }).toEqual({
    id: `chatcmpl-${job}`,
    model: 'tiny',
    created: 1_700_000_000,
  });
  expect(strip({ ...data })).toEqual(strip(engineAnswer));
  expect(request_id).toBe(job);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-cache, no-transform',
    'x-resultity-receipt': `sha256:${'7'.repeat(64)}`,
  });
  expect(order).toMatchObject({ namespace: 'acme', mode: 'sync', ttlMs: 600_000, priority: 5 });
});

test('completes a prompt', async () => {
  const said = {
    id: 'cmpl-engine',
    object: 'text_completion',
    created: 1,
    model: 'blob',
    choices: [{ index: 0, text: ' two', logprobs: null, finish_reason: 'length', stop_reason: null }],
  };
  rig.desk.script = (job) => job.complete(said);
  const got = await rig.openai.completions.create({ model: 'tiny', prompt: 'one', max_tokens: 1 });
  expect(got).toMatchObject({
    ...strip(said),
    id: `cmpl-${rig.desk.last.job}`,
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  });
});

test.each([
  ['numbers', vector],
  ['base64', base64],
])(
  "embeds through OpenAI's SDK, which asks for base64, when the engine answers with %s",
  async (_title, value) => {
    rig.desk.script = (job) => job.complete(embedding(value));
    const got = await rig.openai.embeddings.create({ model: 'org/embed:v1', input: ['a', 'b'] });
    expect(got.data.map(({ embedding }) => embedding)).toEqual([vector, vector]);
    expect(rig.desk.last.order.request.body).toMatchObject({ encoding_format: 'base64' });
  },
);

test.each([
  ['float', vector, vector],
  ['float', base64, vector],
  ['base64', vector, base64],
  ['base64', base64, base64],
  [undefined, base64, vector],
])('gives embeddings as %s', async (encoding_format, engine, client) => {
  rig.desk.script = (job) => job.complete(embedding(engine));
  const body = { model: 'org/embed:v1', input: ['a', 'b'], encoding_format };
  const got = await json(rig.ask('/v1/embeddings', body));
  expect(strip(got)).toEqual(strip(embedding(client)));
  expect(got).toMatchObject({ id: `embd-${rig.desk.last.job}`, model: 'org/embed:v1' });
});

test('puts embeddings into the order of the input', async () => {
  const said = embedding(vector, [1, 2, 3]);
  said.data.reverse();
  rig.desk.script = (job) => job.complete(said);
  const body = { model: 'org/embed:v1', input: ['a', 'b'], encoding_format: 'float' };
  const { data } = await json(rig.ask('/v1/embeddings', body));
  expect(data).toEqual([
    { index: 0, object: 'embedding', embedding: vector },
    { index: 1, object: 'embedding', embedding: [1, 2, 3] },
  ]);
});

test.each([
  ['is not JSON', 'Traceback (most recent call last)'],
  ['is an error of the engine', '{"object":"error","message":"Traceback"}'],
  ['has no choices', '{"choices":[],"message":"Traceback"}'],
  ['is absent', null],
])('answers 502 without a retry when the output %s', async (_title, output) => {
  rig.desk.script = (job) => job.complete(output);
  const response = await rig.ask('/v1/chat/completions', chat);
  expect(response.status).toBe(502);
  expect(response.headers.get('x-should-retry')).toBe('false');
  const text = await response.text();
  expect(JSON.parse(text).error.code).toBe('upstream_failed');
  expect(text).not.toContain('Traceback');
});

test('passes the idempotency key on, and then keeps the job when the client is gone', async () => {
  const leaving = new AbortController();
  const headers = { 'idempotency-key': 'order-7' };
  const closed = new Promise((resolve) => {
    rig.app.server.once('connection', (socket) => socket.once('close', resolve));
  });
  const asked = rig.ask('/v1/chat/completions', chat, headers, { signal: leaving.signal });
  await expect.poll(() => rig.desk.jobs.length).toBe(1);
  expect(rig.desk.last.order.idempotencyKey).toBe('order-7');
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await closed;
  expect(rig.desk.last.cancelled).toEqual([]);
});

test('cancels a job without an idempotency key when the client is gone', async () => {
  const leaving = new AbortController();
  const asked = rig.ask('/v1/chat/completions', chat, {}, { signal: leaving.signal });
  await expect.poll(() => rig.desk.jobs.length).toBe(1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await rig.desk.last.whenCancelled;
  expect(rig.desk.last.cancelled).toEqual(['client_gone']);
});

test('takes a job to be polled, tells how it stands, and gives the ordinary answer at the end', async () => {
  const taken = await rig.ask('/v1/chat/completions', chat, { prefer: 'wait=5, respond-async' });
  const { job, order } = rig.desk.last;
  expect(taken.status).toBe(202);
  expect(taken.headers.get('location')).toBe(`/v1/jobs/${job}`);
  expect(taken.headers.get('preference-applied')).toBe('respond-async');
  expect(await taken.json()).toEqual({ object: 'job', request_id: job, status: 'queued' });
  expect(order.mode).toBe('poll');

  const path = `/v1/jobs/${job}`;
  expect(await (await rig.ask(path)).json()).toEqual({
    object: 'job',
    request_id: job,
    status: 'queued',
    endpoint: 'chat.completions',
    model: 'tiny',
    created: 1_700_000_000,
    finished: null,
    response: null,
    error: null,
  });
  rig.desk.last.complete(engineAnswer);
  const done = await json(rig.ask(path));
  expect(done).toMatchObject({ status: 'completed', finished: 1_700_000_005, error: null });
  expect(done.response).toEqual({
    ...engineAnswer,
    id: `chatcmpl-${job}`,
    created: 1_700_000_000,
    model: 'tiny',
  });
});

test('tells a polling client why its job failed, in the ordinary words', async () => {
  await rig.ask('/v1/chat/completions', chat, { prefer: 'respond-async' });
  rig.desk.last.fail('no_capacity');
  const got = await (await rig.ask(`/v1/jobs/${rig.desk.last.job}`)).json();
  expect(got).toMatchObject({ status: 'failed', response: null, error: { code: 'no_capacity' } });
});

test('cancels a polled job, once, and only for the namespace that owns it', async () => {
  await rig.ask('/v1/chat/completions', chat, { prefer: 'respond-async' });
  const path = `/v1/jobs/${rig.desk.last.job}`;
  const foreign = { authorization: `Bearer ${OTHER_KEY}` };
  expect((await rig.ask(path, undefined, foreign)).status).toBe(404);
  expect((await rig.ask(path, undefined, foreign, { method: 'DELETE' })).status).toBe(404);
  expect(rig.desk.last.cancelled).toEqual([]);
  for (let times = 0; times < 2; times++) {
    const cancelled = await rig.ask(path, undefined, {}, { method: 'DELETE' });
    expect(cancelled.status).toBe(200);
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
  }
  expect(rig.desk.last.cancelled).toEqual(['client_cancelled']);
});

test('takes the life of a job from a header', async () => {
  rig.desk.script = (job) => job.complete(engineAnswer);
  await rig.ask('/v1/chat/completions', chat, { 'x-resultity-ttl-ms': '5000' });
  expect(rig.desk.last.order.ttlMs).toBe(5000);
});
