import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineAddress, EngineClient } from '../../../src/adapters/engine/engine-client.js';
import {
  createEngineClient,
  type EngineClientOptions,
} from '../../../src/adapters/engine/undici-engine-client.js';
import {
  DONE,
  delta,
  event,
  HTTP_END,
  httpChunk,
  jsonAnswer,
  type ScriptedEngine,
  STREAM_HEAD,
  startScriptedEngine,
  streamOf,
  usageChunk,
} from './scripted-engine.js';

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'the secret prompt' }] };
const whole = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const open: AsyncDisposable[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const clientOf = (address: EngineAddress, options: EngineClientOptions = {}): EngineClient => {
  const client = createEngineClient(address, options);
  open.push({ [Symbol.asyncDispose]: () => client.close() });
  return client;
};

const engineWith = async (
  answer: Parameters<typeof startScriptedEngine>[0],
  options: EngineClientOptions = {},
  kind: 'tcp' | 'unix' = 'tcp',
): Promise<{ engine: ScriptedEngine; client: EngineClient }> => {
  const engine = await startScriptedEngine(answer, kind);
  open.push(engine);
  return { engine, client: clientOf(engine.address, options) };
};

const answering = (bytes: string | Buffer, options: EngineClientOptions = {}) =>
  engineWith((socket) => socket.write(bytes), options);

const streamed = async (client: EngineClient, request: object = CHAT) => {
  const chunks: string[] = [];
  const end = await client.stream('chat.completions', request, (data) => void chunks.push(data), never);
  return { chunks, end };
};

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it succeeded');
};

describe.each(['tcp', 'unix'] as const)('over %s', (kind) => {
  test('streams chunks unaltered and in order, and reads how it ended', async () => {
    const events = [delta('one '), delta('zwei €'), delta('', 'stop'), usageChunk(7, 2)];
    const { engine, client } = await engineWith(
      (socket) => socket.write(streamOf(...events, '[DONE]')),
      {},
      kind,
    );
    await expect(streamed(client)).resolves.toEqual({
      chunks: events.map((one) => JSON.stringify(one)),
      end: { usage: { promptTokens: 7, completionTokens: 2 }, finishReason: 'stop' },
    });
    expect(
      engine.requests.map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) })),
    ).toEqual([
      {
        method: 'POST',
        path: '/v1/chat/completions',
        body: { ...CHAT, stream: true, stream_options: { include_usage: true } },
      },
    ]);
  });

  test('gets a whole answer byte for byte', async () => {
    const body = `  ${JSON.stringify(whole)}\n`;
    const { client } = await engineWith((socket) => socket.write(jsonAnswer(200, body)), {}, kind);
    await expect(client.complete('chat.completions', { ...CHAT, stream: true }, never)).resolves.toEqual({
      body,
      usage: { promptTokens: 3, completionTokens: 1 },
      finishReason: 'stop',
    });
  });
});

describe('a stream', () => {
  test('hands over the parsed chunk beside the text', async () => {
    const { client } = await answering(streamOf(delta('hi', 'length'), '[DONE]'));
    const seen: unknown[] = [];
    await client.stream('chat.completions', CHAT, (_, chunk) => void seen.push(chunk), never);
    expect(seen).toEqual([delta('hi', 'length')]);
  });

  test('survives any cut of its bytes, also inside a character', async () => {
    const bytes = Buffer.from(event(delta('a€😀\ufffd')) + event(delta('', 'stop')) + DONE);
    const { client } = await engineWith((socket) => {
      socket.write(STREAM_HEAD);
      for (const byte of bytes) socket.write(httpChunk(Buffer.of(byte)));
      socket.write(HTTP_END);
    });
    const { chunks } = await streamed(client);
    expect(chunks).toEqual([delta('a€😀\ufffd'), delta('', 'stop')].map((one) => JSON.stringify(one)));
  });

  test('takes usage from the last chunk that has it', async () => {
    const counting = (count: number, reason: string | null) => ({
      ...delta('x', reason),
      usage: { prompt_tokens: 5, completion_tokens: count },
    });
    const { client } = await answering(
      streamOf(counting(1, null), counting(2, 'stop'), { ...usageChunk(5, 2), usage: null }, '[DONE]'),
    );
    expect((await streamed(client)).end.usage).toEqual({ promptTokens: 5, completionTokens: 2 });
  });

  test('pauses while the listener is busy and loses nothing', async () => {
    const events = [...Array.from({ length: 200 }, (_, at) => delta(`${at} `)), delta('', 'stop')];
    const { client } = await answering(streamOf(...events, '[DONE]'));
    const seen: string[] = [];
    let inside = 0;
    await client.stream(
      'chat.completions',
      CHAT,
      async (data) => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(data);
        inside -= 1;
      },
      never,
    );
    expect(seen).toEqual(events.map((one) => JSON.stringify(one)));
  });

  test('holds back an engine that sends faster than the listener takes', async () => {
    const filler = event(delta('x'.repeat(1000)));
    let written = 0;
    const { client } = await engineWith((socket) => {
      socket.write(STREAM_HEAD);
      const more = (): void => {
        while (written < 40_000_000) {
          written += filler.length;
          if (!socket.write(httpChunk(filler))) {
            socket.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const left = new AbortController();
    let taken = 0;
    const work = client.stream(
      'chat.completions',
      CHAT,
      () => {
        taken += 1;
        return new Promise<void>(() => {});
      },
      left.signal,
    );
    let before = -1;
    await expect
      .poll(() => {
        const still = before === written && written > 0;
        before = written;
        return still;
      })
      .toBe(true);
    expect(taken).toBe(1);
    expect(written).toBeLessThan(20_000_000);
    left.abort(new Error('left'));
    await expect(work).rejects.toThrow('left');
  });

  test('a listener that is busy at the end leaves the connection usable', async () => {
    const { client } = await answering(streamOf(delta('x', 'stop'), '[DONE]'));
    for (let times = 0; times < 3; times++) {
      const seen: string[] = [];
      await client.stream(
        'chat.completions',
        CHAT,
        async (data) => {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(data);
        },
        never,
      );
      expect(seen).toHaveLength(1);
    }
  });

  // Paused by its own means, undici 7.30 throws out of an event handler in most of these, which ends the process.
  describe('while the listener is busy', () => {
    const closing = STREAM_HEAD.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
    const type = 'content-type: text/event-stream\r\n';
    const heads = {
      'kept alive': STREAM_HEAD,
      'to be closed': closing,
      'of HTTP/1.0': `HTTP/1.0 200 OK\r\n${type}\r\n`,
      'of fixed length': `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1000\r\n${type}\r\n`,
    };
    const cases = Object.entries(heads).flatMap(([kind, head]) =>
      (['resetAndDestroy', 'end', 'destroy'] as const).flatMap((how) =>
        (['goes on', 'fails', 'is aborted', 'sees the client close'] as const).map(
          (then) => [kind, how, then, head] as const,
        ),
      ),
    );

    test.each(cases)('an answer %s meets %s, the listener %s', async (_, how, then, head) => {
      const { engine, client } = await engineWith((socket) => {
        const first = event(delta('x'));
        socket.write(head);
        socket.write(head.includes('chunked') ? httpChunk(first) : first, () => {
          socket.write(event(delta('y')));
          socket[how]();
        });
      });
      const left = new AbortController();
      let goOn = (): void => {};
      let fail = (_reason: Error): void => {};
      let calls = 0;
      const outcome = failureOf(
        client.stream(
          'chat.completions',
          CHAT,
          () => {
            calls += 1;
            if (calls > 1) return;
            return new Promise<void>((resolve, reject) => {
              goOn = resolve;
              fail = reject;
            });
          },
          left.signal,
        ),
      );
      await expect.poll(() => calls, { interval: 1 }).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      if (then === 'fails') fail(new Error('listener'));
      if (then === 'is aborted') left.abort(new Error('left'));
      if (then === 'sees the client close') await client.close();
      goOn();
      const failure = (await outcome) as Error & { code?: string };
      expect(['RUNTIME_CRASHED', 'OUTPUT_MALFORMED', undefined]).toContain(failure.code);
      await engine.clientLeft;
    });
  });

  test('what the listener throws ends the request and comes out unchanged', async () => {
    const { engine, client } = await engineWith((socket) =>
      socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(event(delta('x')))])),
    );
    const mine = new Error('lane closed');
    const throwing = client.stream('chat.completions', CHAT, () => Promise.reject(mine), never);
    expect(await failureOf(throwing)).toBe(mine);
    await engine.clientLeft;
  });

  test('aborting destroys the request at once and throws the reason', async () => {
    const { engine, client } = await engineWith((socket) =>
      socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(event(delta('x')))])),
    );
    const left = new AbortController();
    const reason = new Error('cancelled');
    const work = client.stream('chat.completions', CHAT, () => left.abort(reason), left.signal);
    expect(await failureOf(work)).toBe(reason);
    await engine.clientLeft;
  });

  test('an aborted signal sends nothing', async () => {
    const { engine, client } = await answering(streamOf('[DONE]'));
    const reason = new Error('too late');
    const work = client.stream('chat.completions', CHAT, () => {}, AbortSignal.abort(reason));
    expect(await failureOf(work)).toBe(reason);
    expect(engine.requests).toEqual([]);
  });

  test('a connection held open after [DONE] does not delay the result for long', async () => {
    const { engine, client } = await answering(
      Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(event(delta('x', 'stop')) + DONE)]),
      { lingerMs: 10 },
    );
    expect((await streamed(client)).end.finishReason).toBe('stop');
    await engine.clientLeft;
  });

  test('a reset after [DONE] is harmless', async () => {
    const { client } = await engineWith((socket) => {
      socket.write(STREAM_HEAD);
      socket.write(httpChunk(event(delta('x', 'stop')) + DONE), () => socket.resetAndDestroy());
    });
    await expect(streamed(client)).resolves.toMatchObject({ end: { finishReason: 'stop' } });
  });

  test('each of several choices needs its finish reason', async () => {
    const { client } = await answering(streamOf(delta('a', 'stop', 0), delta('b', null, 1), '[DONE]'));
    expect(await failureOf(streamed(client))).toMatchObject({ code: 'RUNTIME_CRASHED' });
    const both = await answering(streamOf(delta('a', 'length', 1), delta('b', 'stop', 0), '[DONE]'));
    expect((await streamed(both.client, { ...CHAT, n: 2 })).end.finishReason).toBe('stop');
    const one = await answering(streamOf(delta('a', 'stop'), '[DONE]'));
    expect(await failureOf(streamed(one.client, { ...CHAT, n: 2 }))).toMatchObject({
      code: 'RUNTIME_CRASHED',
    });
  });

  const head = Buffer.from(STREAM_HEAD);
  const body = (text: string | Buffer): Buffer =>
    Buffer.concat([head, httpChunk(text), Buffer.from(HTTP_END)]);
  test.each([
    ['[DONE] alone', streamOf('[DONE]'), 'RUNTIME_CRASHED'],
    ['no finish reason', streamOf(delta('x'), '[DONE]'), 'RUNTIME_CRASHED'],
    ['an end without [DONE]', streamOf(delta('x', 'stop')), 'RUNTIME_CRASHED'],
    ['an end in mid-event', body('data: {"choices":['), 'RUNTIME_CRASHED'],
    ['an empty body', streamOf(), 'RUNTIME_CRASHED'],
    ['finish reason abort', streamOf(delta('x', 'abort'), '[DONE]'), 'RUNTIME_CRASHED'],
    ['an event named error', body('event: error\ndata: {"message":"x"}\n\n'), 'RUNTIME_CRASHED'],
    ['a field named error', body('error: {"code":500}\n\n'), 'RUNTIME_CRASHED'],
    ['text after [DONE]', streamOf(delta('x', 'stop'), '[DONE]', delta('y')), 'OUTPUT_MALFORMED'],
    ['a choice that goes on', streamOf(delta('x', 'stop'), delta('y'), '[DONE]'), 'OUTPUT_MALFORMED'],
    ['negative usage', streamOf(delta('x', 'stop'), usageChunk(-1, 2), '[DONE]'), 'OUTPUT_MALFORMED'],
    ['no JSON', streamOf('{"choices":[', '[DONE]'), 'OUTPUT_MALFORMED'],
    ['no object', streamOf([1], '[DONE]'), 'OUTPUT_MALFORMED'],
    ['no choices', streamOf({ object: 'chat.completion.chunk' }, '[DONE]'), 'OUTPUT_MALFORMED'],
    ['a huge index', streamOf(delta('x', 'stop', 2 ** 31), '[DONE]'), 'OUTPUT_MALFORMED'],
    [
      'content that is no text',
      streamOf({ choices: [{ index: 0, delta: { content: 1 } }] }),
      'OUTPUT_MALFORMED',
    ],
    ['deep nesting', streamOf('['.repeat(100_000)), 'OUTPUT_MALFORMED'],
    ['wrong UTF-8', body(Buffer.from([0x64, 0x61, 0xff, 0xfe])), 'OUTPUT_MALFORMED'],
    [
      'half a character at the end',
      body(Buffer.concat([Buffer.from(event(delta('x', 'stop')) + DONE), Buffer.of(0xe2)])),
      'RUNTIME_CRASHED',
    ],
    ['another content type', jsonAnswer(200, whole), 'OUTPUT_MALFORMED'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'OUTPUT_MALFORMED'],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
      'OUTPUT_MALFORMED',
    ],
    ['a huge header', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'OUTPUT_MALFORMED'],
    ['interim answers without end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(20), 'OUTPUT_MALFORMED'],
  ])('%s is not a success', async (_, bytes, code) => {
    const { client } = await answering(bytes);
    expect(await failureOf(streamed(client))).toMatchObject({ code });
  });

  test.each([
    [
      'nested',
      {
        error: {
          message: 'EngineDeadError: the secret prompt',
          type: 'InternalServerError',
          param: null,
          code: 500,
        },
      },
    ],
    [
      'flat',
      { object: 'error', message: 'the secret prompt', type: 'InternalServerError', param: null, code: 500 },
    ],
  ])("an error line (%s) followed by [DONE] is a crash with the engine's code", async (_, line) => {
    const { client } = await answering(streamOf(delta('x', 'stop'), line, '[DONE]'));
    const failure = await failureOf(streamed(client));
    expect(failure).toMatchObject({
      code: 'RUNTIME_CRASHED',
      retryable: true,
      details: { engineType: 'InternalServerError', engineCode: 500 },
    });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret');
  });

  test('a connection cut in the middle is a crash', async () => {
    const { client } = await engineWith((socket) => {
      socket.write(STREAM_HEAD);
      socket.write(httpChunk(event(delta('x'))), () => socket.destroy());
    });
    expect(await failureOf(streamed(client))).toMatchObject({ code: 'RUNTIME_CRASHED' });
  });

  test('silence is a stall, also before the first byte', async () => {
    const inside = await answering(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(event(delta('x')))]), {
      idleMs: 30,
    });
    const stalled = { code: 'RUNTIME_STALLED', retryable: true, details: { idleMs: 30 } };
    expect(await failureOf(streamed(inside.client))).toMatchObject(stalled);
    const before = await engineWith(() => {}, { idleMs: 30 });
    expect(await failureOf(streamed(before.client))).toMatchObject(stalled);
    await inside.engine.clientLeft;
  });

  test('a busy listener is not taken for a silent engine', async () => {
    const { client } = await answering(streamOf(delta('x', 'stop'), '[DONE]'), { idleMs: 20 });
    const busyForMs = 60;
    const end = client.stream(
      'chat.completions',
      CHAT,
      () => new Promise<void>((resolve) => setTimeout(resolve, busyForMs)),
      never,
    );
    await expect(end).resolves.toMatchObject({ finishReason: 'stop' });
  });

  test('an answer or an event above its limit ends the request', async () => {
    const flood = (unit: string) => (socket: import('node:net').Socket) => {
      socket.write(STREAM_HEAD);
      const more = (): void => {
        while (!socket.destroyed && socket.write(httpChunk(unit)));
      };
      socket.on('drain', more);
      more();
    };
    const answers = await engineWith(flood(event(delta('x'))), { maxAnswerBytes: 100_000 });
    expect(await failureOf(streamed(answers.client))).toMatchObject({
      code: 'OUTPUT_MALFORMED',
      details: { maxAnswerBytes: 100_000 },
    });
    for (const unit of ['x'.repeat(1000), `data: ${'x'.repeat(1000)}\n`]) {
      const events = await engineWith(flood(unit), { maxEventChars: 50_000 });
      expect(await failureOf(streamed(events.client))).toMatchObject({
        code: 'OUTPUT_MALFORMED',
        message: 'the engine sent an event longer than 50000 characters',
      });
      await events.engine.clientLeft;
    }
  });
});

describe('a whole answer', () => {
  test.each([
    [
      'completions',
      { choices: [{ index: 0, text: 'x', finish_reason: 'length' }] },
      { usage: undefined, finishReason: 'length' },
    ],
    [
      'embeddings',
      { data: [{ index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: 4, total_tokens: 4 } },
      { usage: { promptTokens: 4, completionTokens: 0 }, finishReason: undefined },
    ],
    [
      'embeddings',
      { data: [{ index: 0, embedding: 'AAAA' }] },
      { usage: undefined, finishReason: undefined },
    ],
  ] as const)('of %s has its shape', async (endpoint, answer, expected) => {
    const { engine, client } = await answering(jsonAnswer(200, answer));
    await expect(client.complete(endpoint, { input: 'x' }, never)).resolves.toEqual({
      body: JSON.stringify(answer),
      ...expected,
    });
    expect(engine.requests[0]?.path).toBe(`/v1/${endpoint}`);
  });

  test.each([
    ['no JSON', '<html>the secret prompt', 'OUTPUT_MALFORMED'],
    ['no choices', { choices: [] }, 'OUTPUT_MALFORMED'],
    ['no finish reason', { choices: [{ index: 0, message: { content: 'x' } }] }, 'OUTPUT_MALFORMED'],
    ['negative usage', { ...whole, usage: { prompt_tokens: -1, completion_tokens: 1 } }, 'OUTPUT_MALFORMED'],
    ['deep nesting', '['.repeat(100_000), 'OUTPUT_MALFORMED'],
    ['an error with status 200', { error: { message: 'x', code: 500 } }, 'RUNTIME_CRASHED'],
    [
      'finish reason error',
      { choices: [{ ...whole.choices[0], finish_reason: 'error' }] },
      'RUNTIME_CRASHED',
    ],
  ])('with %s is refused without quoting it', async (_, body, code) => {
    const { client } = await answering(jsonAnswer(200, body));
    const failure = await failureOf(client.complete('chat.completions', CHAT, never));
    expect(failure).toMatchObject({ code });
    expect((failure as Error).cause).toBeUndefined();
    expect(String((failure as Error).message)).not.toContain('secret');
  });

  test('cut short is a crash', async () => {
    const { client } = await engineWith((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"choices"');
    });
    expect(await failureOf(client.complete('chat.completions', CHAT, never))).toMatchObject({
      code: 'RUNTIME_CRASHED',
    });
  });

  test('may take longer than the idle limit to begin', async () => {
    const { client } = await engineWith(
      (socket) => void setTimeout(() => socket.write(jsonAnswer(200, whole)), 60),
      { idleMs: 20 },
    );
    await expect(client.complete('chat.completions', CHAT, never)).resolves.toMatchObject({
      finishReason: 'stop',
    });
  });
});

describe('a refusal', () => {
  const tooLong =
    "This model's maximum context length is 16 tokens. However, you requested 99 tokens: the secret prompt";
  test.each([
    [
      400,
      { error: { message: tooLong, type: 'BadRequestError', param: 'messages', code: 400 } },
      {
        status: 400,
        engineType: 'BadRequestError',
        engineCode: 400,
        param: 'messages',
        reason: 'context_too_long',
      },
    ],
    [
      400,
      { object: 'error', message: tooLong, type: 'BadRequestError', param: null, code: 400 },
      { status: 400, engineType: 'BadRequestError', engineCode: 400, reason: 'context_too_long' },
    ],
    [
      400,
      { error: { message: 'the secret prompt', type: 'exceed_context_size_error', code: 400 } },
      { status: 400, engineType: 'exceed_context_size_error', engineCode: 400, reason: 'context_too_long' },
    ],
    [
      400,
      {
        error: {
          message: 'the secret prompt',
          type: 'the secret prompt',
          param: 'the secret prompt',
          code: 'the secret prompt',
        },
      },
      { status: 400 },
    ],
    [
      404,
      {
        error: { message: 'The model `m` does not exist.', type: 'NotFoundError', param: 'model', code: 404 },
      },
      { status: 404, engineType: 'NotFoundError', engineCode: 404, param: 'model', reason: 'model_unknown' },
    ],
    [404, { detail: 'Not Found' }, { status: 404, reason: 'path_unknown' }],
    [401, { error: 'Unauthorized' }, { status: 401, reason: 'unauthorized' }],
    [422, 'the secret prompt', { status: 422 }],
  ])('with %d keeps facts and no words', async (status, body, details) => {
    const { client } = await answering(jsonAnswer(status, body));
    for (const work of [
      client.complete('chat.completions', CHAT, never),
      client.stream('chat.completions', CHAT, () => {}, never),
    ]) {
      const failure = (await failureOf(work)) as Error;
      expect(failure).toMatchObject({ code: 'RUNTIME_REJECTED', retryable: false, details });
      expect(Object.keys((failure as unknown as { details: object }).details)).toEqual(Object.keys(details));
      expect(failure.message).not.toContain('secret');
      expect(failure.cause).toBeUndefined();
    }
  });

  test('with 429 may be repeated', async () => {
    const { client } = await answering(jsonAnswer(429, {}));
    expect(await failureOf(client.complete('chat.completions', CHAT, never))).toMatchObject({
      code: 'RUNTIME_REJECTED',
      retryable: true,
    });
  });

  test.each([
    [503, 'RUNTIME_UNREACHABLE'],
    [500, 'RUNTIME_CRASHED'],
  ])("with %d is the engine's fault", async (status, code) => {
    const { client } = await answering(jsonAnswer(status, { error: { message: 'dead', code: status } }));
    expect(await failureOf(client.complete('chat.completions', CHAT, never))).toMatchObject({
      code,
      retryable: true,
      details: { status },
    });
  });

  test('with an endless body is cut off', async () => {
    const { engine, client } = await engineWith((socket) => {
      socket.write('HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(httpChunk('x'.repeat(1000))));
      };
      socket.on('drain', more);
      more();
    });
    expect(await failureOf(streamed(client))).toMatchObject({ code: 'RUNTIME_REJECTED' });
    await engine.clientLeft;
  });
});

describe('connecting', () => {
  test('to nothing is unreachable and says what to do', async () => {
    const engine = await startScriptedEngine(() => {});
    await engine[Symbol.asyncDispose]();
    const client = clientOf(engine.address);
    expect(await failureOf(client.health(never))).toMatchObject({
      code: 'RUNTIME_UNREACHABLE',
      retryable: true,
      details: { cause: 'ECONNREFUSED' },
      advice: 'Start the engine, or correct its address.',
    });
  });

  test("to a link, a file or a foreign socket in the engine's place is refused", async () => {
    const { engine } = await engineWith((socket) => socket.write(jsonAnswer(200, {})), {}, 'unix');
    if (engine.address.kind !== 'unix') throw new Error('not a Unix socket');
    const { path } = engine.address;
    const directory = mkdtempSync(join(tmpdir(), 'links-'));
    symlinkSync(path, join(directory, 'link'));
    writeFileSync(join(directory, 'file'), '');
    const causeOf = async (address: EngineAddress): Promise<unknown> =>
      failureOf(clientOf(address).health(never));
    for (const name of ['link', 'file']) {
      expect(await causeOf({ kind: 'unix', path: join(directory, name) })).toMatchObject({
        code: 'RUNTIME_UNREACHABLE',
        details: { cause: 'NOT_A_SOCKET' },
      });
    }
    expect(await causeOf({ kind: 'unix', path: join(directory, 'none') })).toMatchObject({
      details: { cause: 'ENOENT' },
    });
    expect(await causeOf({ kind: 'unix', path, ownerUid: 4_000_000 })).toMatchObject({
      details: { cause: 'FOREIGN_SOCKET' },
    });
    const own = clientOf({ kind: 'unix', path, ownerUid: process.getuid?.() ?? 0 });
    await expect(own.health(never)).resolves.toBeUndefined();
    rmSync(directory, { recursive: true });
  });

  test('after close is unreachable; what runs is ended', async () => {
    const { engine, client } = await engineWith(() => {});
    const work = failureOf(client.complete('chat.completions', CHAT, never));
    await expect.poll(() => engine.requests.length).toBe(1);
    await client.close();
    expect(await work).toMatchObject({ code: 'RUNTIME_CRASHED' });
    expect(await failureOf(client.health(never))).toMatchObject({ code: 'RUNTIME_UNREACHABLE' });
  });

  test('sends the API key with every request and nothing else that identifies', async () => {
    const { engine, client } = await answering(jsonAnswer(200, whole), { apiKey: 'k' });
    await client.health(never);
    await client.complete('chat.completions', CHAT, never);
    expect(engine.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer k', 'Bearer k']);
    expect(Object.keys(engine.requests[1]?.headers ?? {}).sort()).toEqual(
      ['authorization', 'connection', 'content-length', 'content-type', 'host'].sort(),
    );
  });
});

describe('questions to the engine', () => {
  test.each([
    [503, 'RUNTIME_UNREACHABLE'],
    [500, 'RUNTIME_UNREACHABLE'],
    [404, 'RUNTIME_REJECTED'],
  ])('health with %d fails', async (status, code) => {
    const { client } = await answering(jsonAnswer(status, ''));
    expect(await failureOf(client.health(never))).toMatchObject({ code });
  });

  test('models are listed with their context length where it is told', async () => {
    const list = { object: 'list', data: [{ id: 'a', max_model_len: 4096, root: '/m' }, { id: 'b' }] };
    const { client } = await answering(jsonAnswer(200, list));
    await expect(client.models(never)).resolves.toEqual([
      { id: 'a', maxModelLen: 4096 },
      { id: 'b', maxModelLen: undefined },
    ]);
    const wrong = await answering(jsonAnswer(200, { data: [{}] }));
    expect(await failureOf(wrong.client.models(never))).toMatchObject({ code: 'OUTPUT_MALFORMED' });
  });

  test('version is undefined where the engine does not tell', async () => {
    const told = await answering(jsonAnswer(200, { version: '0.32.0' }));
    await expect(told.client.version(never)).resolves.toBe('0.32.0');
    const strange = await answering(jsonAnswer(200, 'hello'));
    await expect(strange.client.version(never)).resolves.toBeUndefined();
    const missing = await answering(jsonAnswer(404, ''));
    await expect(missing.client.version(never)).resolves.toBeUndefined();
    const silent = await engineWith(() => {}, { versionPath: null });
    await expect(silent.client.version(never)).resolves.toBeUndefined();
  });

  test('load is unknown without metrics', async () => {
    const unknown = { running: null, waiting: null, kvUse: null, tokensOut: null };
    const missing = await answering(jsonAnswer(404, ''));
    await expect(missing.client.load(never)).resolves.toEqual(unknown);
    const some = await answering(jsonAnswer(200, 'vllm:num_requests_running{engine="0"} 3.0\n'));
    await expect(some.client.load(never)).resolves.toEqual({ ...unknown, running: 3 });
  });

  test('a path outside the list is refused', () => {
    expect(() => createEngineClient({ kind: 'tcp', url: 'http://h' }, { healthPath: '/sleep' })).toThrow(
      /not a path an engine is asked for/,
    );
  });
});
