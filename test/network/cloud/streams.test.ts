// Streams over real HTTP: what is held back, what is rewritten, how they end, and what happens when the client leaves.
import { APIError } from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CloudRig, chat, engineChunk, engineUsage, openCloud } from './cloud-rig.js';

let rig: CloudRig;
beforeEach(async () => {
  rig = await openCloud();
});
afterEach(() => rig.close());

const streamed = { ...chat, stream: true as const };

/** The `data:` payloads of a finished stream. */
const payloads = (text: string): string[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));

const readUntil = async (reader: ReadableStreamDefaultReader<Uint8Array>, end: string): Promise<string> => {
  let text = '';
  while (!text.includes(end)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended before '${end}': ${text}`);
    text += Buffer.from(value).toString();
  }
  return text;
};

const readerOf = (response: Response): ReadableStreamDefaultReader<Uint8Array> => {
  if (response.body === null) throw new Error('no body');
  return response.body.getReader();
};

const speak = () => {
  rig.desk.script = (job) => {
    job.say({ type: 'started' });
    job.chunk(
      engineChunk({ role: 'assistant', content: '' }),
      engineChunk({ content: 'Hi' }),
      engineChunk({ content: ' there' }, 'stop'),
      engineUsage(),
    );
    job.complete();
  };
};

test("streams through OpenAI's SDK with one id, model and time in all chunks", async () => {
  speak();
  const stream = await rig.openai.chat.completions.create(streamed);
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content).join('')).toBe('Hi there');
  const { job } = rig.desk.last;
  expect(new Set(chunks.map(({ id, model, created }) => `${id} ${model} ${created}`))).toEqual(
    new Set([`chatcmpl-${job} tiny 1700000000`]),
  );
  expect(rig.desk.last.order.mode).toBe('stream');
  expect(rig.desk.last.cancelled).toEqual([]);
});

test('passes chunks as the engine said them, but for id, model, created and its usage', async () => {
  const said = [
    engineChunk({ role: 'assistant', content: '' }, null, { system_fingerprint: 'fp' }),
    engineChunk({ content: 'é\u2028"\\' }, null, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    {
      ...engineChunk({}),
      choices: [
        {
          index: 0,
          delta: { tool_calls: [{ index: 1, function: { arguments: '{"a' } }] },
          logprobs: { content: [{ token: 'x', logprob: -1.5, bytes: null, top_logprobs: [] }] },
          finish_reason: 'stop',
          stop_reason: 2,
          token_ids: null,
        },
      ],
    },
  ];
  rig.desk.script = (job) => {
    job.chunk(...said, engineUsage());
    job.complete();
  };
  const text = await (await rig.ask('/v1/chat/completions', streamed)).text();
  const got = payloads(text);
  expect(got.pop()).toBe('[DONE]');
  const strip = ({ id, model, created, usage, ...rest }: Record<string, unknown>) => rest;
  expect(got.map((one) => strip(JSON.parse(one)))).toEqual(said.map(strip));
  expect(text).not.toContain('usage');
  expect(text).not.toContain('/models/blob');
});

test('gives the role in the first delta when the engine does not', async () => {
  rig.desk.script = (job) => {
    job.chunk(engineChunk({ content: 'Hi' }), engineChunk({ content: '!' }, 'stop'));
    job.complete();
  };
  const got = payloads(await (await rig.ask('/v1/chat/completions', streamed)).text());
  expect(got.slice(0, 2).map((one) => JSON.parse(one).choices[0].delta)).toEqual([
    { role: 'assistant', content: 'Hi' },
    { content: '!' },
  ]);
});

test.each([
  ['the engine reports usage', true],
  ['the engine reports none', false],
])(
  'with include_usage sends null usage and one last chunk without choices, when %s',
  async (_title, reports) => {
    rig.desk.script = (job) => {
      job.chunk(
        engineChunk({ content: 'Hi' }, null, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
        engineChunk({ content: '!' }, 'stop'),
      );
      if (reports) job.chunk(engineUsage(999, 999));
      job.complete(null, { prompt_tokens: 3, completion_tokens: 2 });
    };
    const body = { ...streamed, stream_options: { include_usage: true } };
    const got = payloads(await (await rig.ask('/v1/chat/completions', body)).text());
    expect(got.pop()).toBe('[DONE]');
    const chunks = got.map((one) => JSON.parse(one));
    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    ]);
    expect(chunks.at(-1)).toMatchObject({
      id: `chatcmpl-${rig.desk.last.job}`,
      object: 'chat.completion.chunk',
      model: 'tiny',
      choices: [],
    });
  },
);

test('streams completions', async () => {
  rig.desk.script = (job) => {
    const chunk = (text: string, finish_reason: string | null) => ({
      id: 'cmpl-engine',
      object: 'text_completion',
      created: 1,
      model: 'blob',
      choices: [{ index: 0, text, logprobs: null, finish_reason }],
    });
    job.chunk(chunk('one ', null), chunk('two', 'length'));
    job.complete();
  };
  const stream = await rig.openai.completions.create({ model: 'tiny', prompt: 'count', stream: true });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual(['one ', 'two']);
  expect(chunks[0]).toMatchObject({ id: `cmpl-${rig.desk.last.job}`, model: 'tiny' });
});

test('holds status and headers back until the first chunk', async () => {
  const response = rig.ask('/v1/chat/completions', streamed);
  await expect.poll(() => rig.desk.jobs.length).toBe(1);
  rig.desk.last.say({ type: 'started' });
  rig.desk.last.fail('no_capacity');
  expect((await response).status).toBe(503);
  expect(rig.timers.pending).toBe(0);
});

test('after the time of holding back opens the stream and keeps it alive with comments', async () => {
  const asked = rig.ask('/v1/chat/completions', streamed);
  await expect.poll(() => rig.timers.pending).toBe(1);
  rig.timers.ring();
  const response = await asked;
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-request-id': rig.desk.last.job,
    'x-ratelimit-limit-requests': '10000',
  });
  const reader = readerOf(response);
  expect(await readUntil(reader, '\n\n')).toBe(': working\n\n');
  rig.timers.ring();
  expect(await readUntil(reader, '\n\n')).toBe(': working\n\n');
  rig.desk.last.chunk(engineChunk({ content: 'Hi' }, 'stop'));
  rig.desk.last.complete();
  expect(await readUntil(reader, '[DONE]\n\n')).toContain('"Hi"');
  expect((await reader.read()).done).toBe(true);
  expect(rig.timers.pending).toBe(0);
});

test('ends a stream that fails after it began with an error object and without [DONE]', async () => {
  rig.desk.script = (job) => {
    job.chunk(engineChunk({ content: 'Hi' }));
    job.fail('node_failed');
  };
  const got = payloads(await (await rig.ask('/v1/chat/completions', streamed)).text());
  expect(JSON.parse(got.at(-1) ?? '')).toEqual({
    error: {
      message: 'the request was tried on the network and failed; nothing was charged',
      type: 'server_error',
      param: null,
      code: 'upstream_failed',
    },
  });
  const failing = async () => {
    for await (const _chunk of await rig.openai.chat.completions.create(streamed));
  };
  await expect(failing()).rejects.toMatchObject({ constructor: APIError, code: 'upstream_failed' });
  expect(rig.desk.last.cancelled).toEqual([]);
});

test('fails after comments alone inside the stream, for its status is out', async () => {
  const asked = rig.ask('/v1/chat/completions', streamed);
  await expect.poll(() => rig.timers.pending).toBe(1);
  rig.timers.ring();
  const response = await asked;
  rig.desk.last.fail('deadline_exceeded');
  const [only, ...more] = payloads(await response.text());
  expect(JSON.parse(only ?? '').error.code).toBe('deadline_exceeded');
  expect(more).toEqual([]);
});

test.each([
  ['that is not JSON', 'Segmentation fault at 0x7f'],
  ['without choices', '{"message":"CUDA out of memory"}'],
  ['with an engine error', '{"choices":[],"error":{"message":"CUDA out of memory"}}'],
  ['with a choice that has no delta', '{"choices":[{"index":0}]}'],
  ['with nesting beyond reason', `{"choices":${'['.repeat(5000)}${']'.repeat(5000)}}`],
])('does not pass on a chunk %s, and cancels the job', async (_title, data) => {
  rig.desk.script = (job) => {
    job.chunk(engineChunk({ content: 'Hi' }));
    job.say({ type: 'chunk', data });
  };
  const text = await (await rig.ask('/v1/chat/completions', streamed)).text();
  expect(text).toContain('"code":"upstream_failed"');
  expect(text).not.toMatch(/CUDA|Segmentation|\[DONE\]/);
  expect(rig.desk.last.cancelled).toEqual(['client_cancelled']);
});

test('is no success when a choice has no finish reason', async () => {
  rig.desk.script = (job) => {
    job.chunk(engineChunk({ content: 'Hi' }));
    job.complete();
  };
  const got = payloads(await (await rig.ask('/v1/chat/completions', streamed)).text());
  expect(JSON.parse(got.at(-1) ?? '').error.code).toBe('upstream_failed');
});

test('cancels the job when the client leaves the loop', async () => {
  rig.desk.script = (job) => job.chunk(engineChunk({ content: 'Hi' }));
  const stream = await rig.openai.chat.completions.create(streamed);
  for await (const chunk of stream) {
    expect(chunk.choices[0]?.delta.content).toBe('Hi');
    break;
  }
  await rig.desk.last.whenCancelled;
  expect(rig.desk.last.cancelled).toEqual(['client_gone']);
  await expect.poll(() => rig.timers.pending).toBe(0);
});

test('cancels the job when the client leaves before anything was sent', async () => {
  const leaving = new AbortController();
  const asked = rig.ask('/v1/chat/completions', streamed, {}, { signal: leaving.signal });
  await expect.poll(() => rig.desk.jobs.length).toBe(1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await rig.desk.last.whenCancelled;
  expect(rig.desk.last.cancelled).toEqual(['client_gone']);
  await expect.poll(() => rig.timers.pending).toBe(0);
});

test('takes no more from the desk than the client reads', async () => {
  const size = 64 * 1024;
  const total = 400;
  rig.desk.script = (job) => {
    for (let i = 0; i < total; i++) job.chunk(engineChunk({ content: 'x'.repeat(size) }));
  };
  const response = await rig.ask('/v1/chat/completions', streamed);
  const reader = readerOf(response);
  await readUntil(reader, '\n\n');
  // The sockets' own buffers fill first; then nothing moves, however many turns the event loop makes.
  const settled = async (): Promise<number> => {
    let last = rig.desk.last.untaken;
    for (let still = 0; still < 1_000; still++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (rig.desk.last.untaken !== last) still = 0;
      last = rig.desk.last.untaken;
    }
    return last;
  };
  expect(await settled()).toBeGreaterThan(total / 4);
  rig.desk.last.chunk(engineChunk({}, 'stop'));
  rig.desk.last.complete();
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
  expect(bytes).toBeGreaterThan((total - 2) * size);
  expect(rig.desk.last.untaken).toBe(0);
});
