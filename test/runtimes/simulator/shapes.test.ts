// The shapes as the official SDK reads them, and as they are on the wire.
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { chatBody, dataLines, FIXED_NOW, post, start } from './start.js';

const clientOf = (url: string): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 });
const created = FIXED_NOW / 1000;

describe('through the openai SDK', () => {
  test('answers a chat', async () => {
    const { url } = await start();
    const answer = await clientOf(url).chat.completions.create({
      model: 'simulated-model',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 12,
    });
    const [choice] = answer.choices;
    expect(answer).toMatchObject({ object: 'chat.completion', created, model: 'simulated-model' });
    expect(answer.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
    expect(answer.system_fingerprint).toMatch(/^simulator-/);
    expect(choice).toMatchObject({ index: 0, finish_reason: 'length', message: { role: 'assistant' } });
    expect(choice?.message.content?.length).toBeGreaterThan(20);
    expect(answer.usage).toMatchObject({ completion_tokens: 12 });
    expect(answer.usage?.total_tokens).toBe(12 + (answer.usage?.prompt_tokens ?? 0));
  });

  test('streams one token per chunk, with the usage last', async () => {
    const { url } = await start();
    const stream = await clientOf(url).chat.completions.create({
      model: 'simulated-model',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 8,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks).toHaveLength(1 + 8 + 1);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null)).toEqual([
      ...Array(8).fill(null),
      'length',
      null,
    ]);
    expect(chunks[9]?.choices).toEqual([]);
    expect(chunks[9]?.usage).toMatchObject({ completion_tokens: 8 });
    expect(chunks[9]?.system_fingerprint).toMatch(/^simulator-/);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test('streams the same text that it answers whole', async () => {
    const { url } = await start();
    const client = clientOf(url);
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const whole = await client.chat.completions.create({ model: 'simulated-model', messages });
    const runner = client.chat.completions.stream({ model: 'simulated-model', messages });
    expect(await runner.finalContent()).toBe(whole.choices[0]?.message.content);
    expect(whole.choices[0]?.finish_reason).toBe('stop');
  });

  test('completes several prompts, several times each', async () => {
    const { url } = await start();
    const answer = await clientOf(url).completions.create({
      model: 'simulated-model',
      prompt: ['One', 'Two'],
      n: 2,
      max_tokens: 5,
    });
    expect(answer.object).toBe('text_completion');
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(new Set(answer.choices.map(({ text }) => text)).size).toBe(4);
    expect(answer.usage?.completion_tokens).toBe(20);
  });

  test('takes a prompt as token ids, and repeats it when asked to', async () => {
    const { url } = await start();
    const ids = (await (await post(url, '/tokenize', { prompt: 'The river' })).json()) as {
      tokens: number[];
    };
    const answer = await clientOf(url).completions.create({
      model: 'simulated-model',
      prompt: ids.tokens,
      max_tokens: 3,
      echo: true,
    });
    expect(answer.choices[0]?.text).toMatch(/^The river./);
    expect(answer.usage?.prompt_tokens).toBe(ids.tokens.length);
  });

  test('embeds as floats and as base64, with unit length', async () => {
    const { url } = await start({ servedModelName: ['e:embedding'] });
    const client = clientOf(url);
    const input = ['the river', 'the river', 'a garden'];
    const float = await client.embeddings.create({
      model: 'e',
      input,
      encoding_format: 'float',
      dimensions: 64,
    });
    const vectors = float.data.map(({ embedding }) => embedding);
    expect(vectors.map(({ length }) => length)).toEqual([64, 64, 64]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors[0]).toEqual(vectors[1]);
    expect(vectors[0]).not.toEqual(vectors[2]);
    // The SDK asks for base64 by itself and decodes it.
    const packed = await client.embeddings.create({ model: 'e', input, dimensions: 64 });
    expect(packed.data.map(({ embedding }) => embedding)).toEqual(vectors);
    expect(float.usage.prompt_tokens).toBe(float.usage.total_tokens);
  });

  test('lists its models', async () => {
    const { url } = await start({ servedModelName: ['a', 'b:embedding', 'family:tag'], maxModelLen: 2048 });
    const { data } = await clientOf(url).models.list();
    expect(data.map(({ id }) => id)).toEqual(['a', 'b', 'family:tag']);
    expect(data[0]).toMatchObject({ object: 'model', root: 'a', max_model_len: 2048 });
  });

  test('gives logprobs that could be true', async () => {
    const { url } = await start();
    const answer = await clientOf(url).chat.completions.create({
      model: 'simulated-model',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 6,
      logprobs: true,
      top_logprobs: 5,
    });
    const [choice] = answer.choices;
    const tokens = choice?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join('')).toBe(choice?.message.content);
    for (const { token, logprob, bytes, top_logprobs } of tokens) {
      expect(bytes).toEqual([...Buffer.from(token)]);
      expect(top_logprobs).toHaveLength(5);
      expect(new Set(top_logprobs.map((other) => other.token)).size).toBe(5);
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
      expect(top_logprobs.reduce((sum, other) => sum + Math.exp(other.logprob), 0)).toBeLessThanOrEqual(1);
    }
  });

  test('raises the errors that vLLM raises', async () => {
    const { url } = await start({ servedModelName: ['chat', 'e:embedding'], maxModelLen: 64 });
    const client = clientOf(url);
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const ask = (extra: object) =>
      client.chat.completions.create({ model: 'chat', messages, ...extra, stream: false });
    await expect(ask({ model: 'other' })).rejects.toMatchObject({
      status: 404,
      type: 'NotFoundError',
      param: 'model',
    });
    await expect(ask({ temperature: -1 })).rejects.toMatchObject({
      status: 400,
      type: 'BadRequestError',
      param: 'temperature',
    });
    await expect(ask({ max_tokens: 1000 })).rejects.toThrow(/maximum context length is 64 tokens/);
    await expect(ask({ model: 'e' })).rejects.toThrow(/does not support Chat Completions/);
    await expect(client.embeddings.create({ model: 'chat', input: 'x' })).rejects.toThrow(
      /does not support Embeddings/,
    );
    await expect(ask({ n: 2, temperature: 0 })).rejects.toThrow(
      /n must be 1 when using greedy sampling, got 2/,
    );
  });
});

describe('on the wire', () => {
  test('says that it is a simulator', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/version`);
    expect(response.headers.get('server')).toBe('resultity-engine-simulator');
    expect(await response.json()).toMatchObject({ version: '0.32.0+simulator', simulator: true });
  });

  test('ends a stream with [DONE], in the chunks of vLLM', async () => {
    const { url } = await start();
    const response = await post(url, '/v1/chat/completions', chatBody({ stream: true, max_tokens: 2 }));
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const lines = dataLines(await response.text());
    expect(lines.at(-1)).toBe('[DONE]');
    const head = {
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion.chunk',
      created,
      model: 'simulated-model',
    };
    expect(lines.slice(0, -1).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...head,
        choices: [
          { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
        ],
        prompt_token_ids: null,
      },
      {
        ...head,
        choices: [
          {
            index: 0,
            delta: { content: expect.any(String) },
            logprobs: null,
            finish_reason: null,
            token_ids: null,
          },
        ],
      },
      {
        ...head,
        choices: [
          {
            index: 0,
            delta: { content: expect.any(String) },
            logprobs: null,
            finish_reason: 'length',
            stop_reason: null,
            token_ids: null,
          },
        ],
        system_fingerprint: expect.stringMatching(/^simulator-/),
      },
    ]);
  });

  test('puts the running usage on every chunk when usage is forced', async () => {
    const { url } = await start({ enableForceIncludeUsage: true });
    const lines = dataLines(
      await (await post(url, '/v1/chat/completions', chatBody({ stream: true, max_tokens: 3 }))).text(),
    );
    const counts = lines
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { usage: { completion_tokens: number } }).usage.completion_tokens);
    expect(counts).toEqual([0, 1, 2, 3, 3]);
  });

  test('shows token ids that detokenise to the text', async () => {
    const { url } = await start();
    const body = chatBody({ max_tokens: 9, return_token_ids: true });
    const answer = (await (await post(url, '/v1/chat/completions', body)).json()) as {
      prompt_token_ids: number[];
      choices: { token_ids: number[]; message: { content: string } }[];
      usage: { prompt_tokens: number };
    };
    const [choice] = answer.choices;
    const back = (await (await post(url, '/detokenize', { tokens: choice?.token_ids })).json()) as {
      prompt: string;
    };
    expect(back.prompt).toBe(choice?.message.content);
    expect(answer.prompt_token_ids).toHaveLength(answer.usage.prompt_tokens);
  });

  test('cuts at a stop string, also one that spans tokens, streamed or not', async () => {
    const { url } = await start();
    const content = async (extra: Record<string, unknown>): Promise<string> => {
      const text = await (
        await post(url, '/v1/chat/completions', chatBody({ temperature: 0, ...extra }))
      ).text();
      if (text.startsWith('{')) {
        return (
          (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ??
          ''
        );
      }
      return dataLines(text)
        .slice(0, -1)
        .map(
          (line) =>
            (JSON.parse(line) as { choices: { delta: { content: string } }[] }).choices[0]?.delta.content ??
            '',
        )
        .join('');
    };
    const whole = await content({});
    const stop = whole.slice(12, 21); // begins and ends anywhere in a word
    const expected = whole.slice(0, whole.indexOf(stop));
    expect(await content({ stop })).toBe(expected);
    expect(await content({ stop: [stop, 'never'], stream: true })).toBe(expected);
    expect(await content({ stop, include_stop_str_in_output: true })).toBe(expected + stop);
  });

  test('counts what /tokenize counts', async () => {
    const { url } = await start();
    const tokenized = (await (
      await post(url, '/tokenize', { prompt: 'Hello there', return_token_strs: true })
    ).json()) as {
      count: number;
      tokens: number[];
      token_strs: string[];
      max_model_len: number;
    };
    expect(tokenized).toMatchObject({ count: tokenized.tokens.length, max_model_len: 8192 });
    expect(tokenized.token_strs.slice(1).join('')).toBe('Hello there');
    const chat = (await (await post(url, '/tokenize', chatBody())).json()) as { count: number };
    const answer = (await (await post(url, '/v1/chat/completions', chatBody({ max_tokens: 1 }))).json()) as {
      usage: { prompt_tokens: number };
    };
    expect(answer.usage.prompt_tokens).toBe(chat.count);
  });

  test.each([
    ['a body that is no JSON', '/v1/chat/completions', '{', 400],
    ['a body without messages', '/v1/chat/completions', '{}', 400],
    [
      'an image',
      '/v1/chat/completions',
      '{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}',
      400,
    ],
    ['stream options without a stream', '/v1/completions', '{"prompt":"x","stream_options":{}}', 400],
    ['an empty stop string', '/v1/completions', '{"prompt":"x","stop":""}', 400],
    ['a token outside the vocabulary', '/v1/completions', '{"prompt":[99999999]}', 400],
    ['a token that is no number', '/detokenize', '{"tokens":["x"]}', 400],
    [
      'tools it cannot call',
      '/v1/chat/completions',
      '{"messages":[{"role":"user","content":"x"}],"tools":[{}]}',
      400,
    ],
    ['an embedding when no model embeds', '/v1/embeddings', '{"input":"x"}', 404],
  ])('refuses %s', async (_, path, body, status) => {
    const { url } = await start();
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringMatching(/./),
        type: expect.any(String),
        param: expect.toBeOneOf([null, expect.any(String)]),
        code: status,
      },
    });
  });

  test('takes a prompt of two hundred thousand tokens', async () => {
    const { url } = await start({ maxModelLen: 1_000_000 });
    const prompt = Array.from({ length: 200_000 }, (_, index) => 300 + (index % 500));
    const response = await post(url, '/v1/completions', { prompt, max_tokens: 1 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ usage: { prompt_tokens: 200_000, completion_tokens: 1 } });
  });

  test('knows no other path and no other method', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/v1/chat/completions`)).status).toBe(405);
    expect((await fetch(`${url}/constructor`)).status).toBe(404);
    expect((await fetch(`${url}/tokenize`, { method: 'POST', body: '{}' })).status).toBe(415);
  });
});

describe('determinism', () => {
  const ask = async (url: string, extra: Record<string, unknown>): Promise<string> =>
    (await post(url, '/v1/chat/completions', chatBody(extra))).text();

  test('gives the same bytes for the same body and seed, on another instance too', async () => {
    const [first, second] = [await start({ seed: 5 }), await start({ seed: 5 })];
    const bodies = [{ stream: true }, { logprobs: true, top_logprobs: 2 }, { n: 3, max_tokens: 9 }];
    for (const body of bodies) {
      const text = await ask(first.url, body);
      expect(await ask(first.url, body)).toBe(text);
      expect(await ask(second.url, body)).toBe(text);
    }
  });

  test('answers otherwise for another seed, prompt or model, but not for a seed at temperature 0', async () => {
    const { url } = await start({ servedModelName: ['simulated-model', 'other'] });
    const content = async (extra: Record<string, unknown>): Promise<string> =>
      (JSON.parse(await ask(url, extra)) as { choices: { message: { content: string } }[] }).choices[0]
        ?.message.content ?? '';
    const texts = [
      await content({ seed: 1 }),
      await content({ seed: 2 }),
      await content({ seed: 1, model: 'other' }),
      await content({ seed: 1, messages: [{ role: 'user', content: 'Something else' }] }),
    ];
    expect(new Set(texts).size).toBe(4);
    expect(await content({ temperature: 0, seed: 1 })).toBe(await content({ temperature: 0, seed: 2 }));
  });

  test('names an answer after the caller’s request id', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'job-7' },
      body: JSON.stringify(chatBody({ max_tokens: 1 })),
    });
    expect(await response.json()).toMatchObject({ id: 'chatcmpl-job-7' });
  });
});
