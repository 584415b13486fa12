// Each way of failing, as a client sees it.
import { describe, expect, test, vi } from 'vitest';
import { chatBody, dataLines, metric, post, start } from './start.js';

const longChat = (extra: Record<string, unknown> = {}) =>
  chatBody({ stream: true, max_tokens: 200, ignore_eos: true, ...extra });

/** Reads a stream until `until` says that enough has come, or it ends or breaks. */
const readUntil = async (
  response: Response,
  until: (text: string) => boolean,
): Promise<{ text: string; broke: boolean }> => {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  try {
    while (reader !== undefined && !until(text)) {
      const { done, value } = await reader.read();
      if (done) return { text, broke: false };
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return { text, broke: true };
  }
  return { text, broke: false };
};

const toTheEnd = () => false;
const contents = (text: string): number =>
  dataLines(text).filter((line) => line.includes('"delta":{"content"')).length;

describe('a fault', () => {
  test('crash cuts every stream, ends the process with status 0 and stops listening', async () => {
    const exit = vi.fn();
    const { url } = await start({ fault: ['crash@5'] }, { exit });
    const other = await start();
    const { text, broke } = await readUntil(await post(url, '/v1/chat/completions', longChat()), toTheEnd);
    expect(broke).toBe(true);
    expect(contents(text)).toBeLessThanOrEqual(5);
    expect(text).not.toContain('[DONE]');
    expect(exit.mock.calls).toEqual([[0]]);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect((await fetch(`${other.url}/health`)).status).toBe(200);
  });

  test('hang gives no token any more, with /health at 200 and frozen gauges', async () => {
    const { url } = await start({ fault: ['hang@4'] });
    const controller = new AbortController();
    const response = await post(url, '/v1/chat/completions', longChat(), controller.signal);
    const { text } = await readUntil(response, (so) => contents(so) === 4);
    expect(contents(text)).toBe(4);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await metric(url, 'vllm:generation_tokens_total')).toBe(4);
    expect(await metric(url, 'vllm:num_requests_running')).toBe(1);
    const second = new AbortController();
    const stuck = await post(url, '/v1/chat/completions', longChat(), second.signal);
    expect(stuck.status).toBe(200);
    expect(await metric(url, 'vllm:num_requests_waiting')).toBe(0);
    expect(await metric(url, 'vllm:generation_tokens_total')).toBe(4);
    controller.abort();
    second.abort();
  });

  test('error-midstream sends an error line and then [DONE]', async () => {
    const { url } = await start({ fault: ['error-midstream@2'] });
    const lines = dataLines(await (await post(url, '/v1/chat/completions', longChat())).text());
    expect(lines).toHaveLength(1 + 2 + 1 + 1);
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ error: { type: 'InternalServerError', code: 500 } });
    expect(lines[4]).toBe('[DONE]');
    expect(lines.join('')).not.toMatch(/"finish_reason":"/);
    expect(await metric(url, 'vllm:num_requests_running')).toBe(0);
    expect(await metric(url, 'vllm:request_success_total', 'finished_reason="error"')).toBe(1);
  });

  test('error-midstream answers 500 where nothing was streamed', async () => {
    const { url } = await start({ fault: 'error-midstream' });
    const response = await post(url, '/v1/chat/completions', longChat({ stream: false }));
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 500 } });
  });

  test('malformed puts one chunk between the others that is no JSON', async () => {
    const { url } = await start({ fault: ['malformed@1'] });
    const lines = dataLines(
      await (await post(url, '/v1/chat/completions', longChat({ max_tokens: 3 }))).text(),
    );
    const broken = lines.slice(0, -1).filter((line) => {
      try {
        JSON.parse(line);
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toHaveLength(1);
    expect(contents(lines.map((line) => `data: ${line}\n\n`).join(''))).toBe(1 + 1 + 2);
    const whole = await post(url, '/v1/chat/completions', longChat({ stream: false }));
    await expect(whole.json()).rejects.toThrow();
  });

  test('disconnect cuts one stream and leaves the engine alive', async () => {
    const { url } = await start({ allowPromptFaults: true });
    const content = 'please [[fault:disconnect@6]]';
    const cut = await post(url, '/v1/chat/completions', longChat({ messages: [{ role: 'user', content }] }));
    const { text, broke } = await readUntil(cut, toTheEnd);
    expect(broke).toBe(true);
    expect(contents(text)).toBeLessThanOrEqual(6);
    const well = await post(url, '/v1/chat/completions', longChat());
    expect(await well.text()).toContain('[DONE]');
  });

  test('503 refuses work and reports an unhealthy engine after as many requests as it says', async () => {
    const { url } = await start({ fault: ['503@1'] });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await post(url, '/v1/completions', { prompt: 'x' })).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(503);
    expect((await post(url, '/v1/completions', { prompt: 'x' })).status).toBe(503);
  });

  test('slow lets half a second pass between tokens', async () => {
    const { url } = await start({ fault: ['slow@1'] });
    const started = performance.now();
    await (await post(url, '/v1/chat/completions', longChat({ max_tokens: 3 }))).text();
    expect(performance.now() - started).toBeGreaterThan(450);
  });

  test('strikes embeddings too', async () => {
    const models = { servedModelName: 'e:embedding' };
    const broken = await start({ ...models, fault: 'malformed' });
    await expect((await post(broken.url, '/v1/embeddings', { input: 'x' })).json()).rejects.toThrow();
    const failing = await start({ ...models, fault: 'error-midstream' });
    expect((await post(failing.url, '/v1/embeddings', { input: 'x' })).status).toBe(500);
    const cutting = await start({ ...models, fault: 'disconnect' });
    await expect(post(cutting.url, '/v1/embeddings', { input: 'x' })).rejects.toThrow();
  });

  test('in a prompt is only words unless prompt faults are allowed', async () => {
    const exit = vi.fn();
    const { url } = await start({}, { exit });
    const messages = [{ role: 'user', content: '[[fault:crash@0]]' }];
    expect((await post(url, '/v1/chat/completions', longChat({ messages }))).status).toBe(200);
    expect(exit).not.toHaveBeenCalled();
    const allowing = await start({ allowPromptFaults: true }, { exit });
    const unknown = [{ role: 'user', content: '[[fault:melt]]' }];
    expect((await post(allowing.url, '/v1/chat/completions', longChat({ messages: unknown }))).status).toBe(
      400,
    );
  });
});

describe('slots', () => {
  test('are bounded, with the rest waiting, and a leaving client frees its slot at once', async () => {
    const { url } = await start({ maxNumSeqs: 2, tokensPerSecond: 50, maxModelLen: 100_000 });
    const clients = Array.from({ length: 3 }, () => new AbortController());
    const body = longChat({ max_tokens: 50_000 });
    const streams = await Promise.all(
      clients.map(({ signal }) => post(url, '/v1/chat/completions', body, signal)),
    );
    expect(await metric(url, 'vllm:num_requests_running')).toBe(2);
    expect(await metric(url, 'vllm:num_requests_waiting')).toBe(1);
    expect(await (await fetch(`${url}/load`)).json()).toEqual({ server_load: 3 });
    expect(await metric(url, 'vllm:kv_cache_usage_perc')).toBeGreaterThan(0);
    const [first] = streams;
    if (first === undefined) throw new Error('no stream');
    await readUntil(first, (text) => contents(text) >= 1);
    clients[0]?.abort();
    await vi.waitFor(async () => {
      expect(await metric(url, 'vllm:num_requests_waiting')).toBe(0);
    });
    expect(await metric(url, 'vllm:num_requests_running')).toBe(2);
    for (const client of clients) client.abort();
    await vi.waitFor(async () => {
      expect(await metric(url, 'vllm:num_requests_running')).toBe(0);
    });
    expect(await metric(url, 'vllm:request_success_total', 'finished_reason="abort"')).toBe(3);
    expect(await metric(url, 'vllm:kv_cache_usage_perc')).toBe(0);
  });

  test('are freed by a leaving client that did not stream, and that was still waiting', async () => {
    const { url } = await start({ maxNumSeqs: 1, timeToFirstTokenMs: 3_600_000 });
    const clients = [new AbortController(), new AbortController()];
    const answers = clients.map(({ signal }) => post(url, '/v1/chat/completions', chatBody(), signal));
    await vi.waitFor(async () => {
      expect(await metric(url, 'vllm:num_requests_waiting')).toBe(1);
    });
    for (const client of clients) client.abort();
    for (const answer of answers) await expect(answer).rejects.toThrow();
    await vi.waitFor(async () => {
      expect(await metric(url, 'vllm:num_requests_running')).toBe(0);
      expect(await metric(url, 'vllm:num_requests_waiting')).toBe(0);
    });
  });

  test('count every token and request once', async () => {
    const { url } = await start();
    await (await post(url, '/v1/chat/completions', longChat({ max_tokens: 30 }))).text();
    await (
      await post(url, '/v1/completions', { prompt: 'The river', max_tokens: 12, ignore_eos: true, n: 2 })
    ).text();
    expect(await metric(url, 'vllm:generation_tokens_total')).toBe(30 + 24);
    expect(await metric(url, 'vllm:request_success_total', 'finished_reason="length"')).toBe(3);
    expect(await metric(url, 'vllm:time_to_first_token_seconds_count')).toBe(3);
    expect(await metric(url, 'vllm:inter_token_latency_seconds_count')).toBe(29 + 22);
    expect(await metric(url, 'vllm:e2e_request_latency_seconds_bucket', 'le="+Inf"')).toBe(3);
  });

  test('keep the pace that was asked for', async () => {
    const { url } = await start({ tokensPerSecond: 200, timeToFirstTokenMs: 50 });
    const started = performance.now();
    await (await post(url, '/v1/chat/completions', longChat({ max_tokens: 41 }))).text();
    const ms = performance.now() - started;
    expect(ms).toBeGreaterThan(50 + 40 * 5 - 15);
    expect(ms).toBeLessThan(2_000);
  });
});
