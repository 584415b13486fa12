// The Cloud API on a loopback port, with a scripted desk behind it and OpenAI's own SDK in front of it.
import fastify, { type FastifyInstance } from 'fastify';
import OpenAI from 'openai';
import { pino } from 'pino';
import { cloudApi } from '../../../src/network/cloud/cloud-api.js';
import type { CloudLimits } from '../../../src/network/cloud/limits.js';
import type { Timers } from '../../../src/network/cloud/timers.js';
import { ScriptedDesk } from './scripted-desk.js';

export const KEY = 'rk-0123abcd-4567cdef-secret';
export const OTHER_KEY = 'rk-0123abcd-00000000-secret';

/** Timers that ring when the test says so. */
export class HandTimers implements Timers {
  readonly #set = new Set<{ ms: number; work: () => void }>();

  set(ms: number, work: () => void): () => void {
    const timer = { ms, work };
    this.#set.add(timer);
    return () => this.#set.delete(timer);
  }

  get pending(): number {
    return this.#set.size;
  }

  ring(): void {
    for (const timer of [...this.#set]) {
      this.#set.delete(timer);
      timer.work();
    }
  }
}

export interface CloudRig {
  readonly app: FastifyInstance;
  readonly desk: ScriptedDesk;
  readonly timers: HandTimers;
  readonly url: string;
  readonly openai: OpenAI;
  /** A request as any HTTP client would send it. */
  ask(path: string, body?: unknown, headers?: Record<string, string>, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export const openCloud = async (limits: Partial<CloudLimits> = {}): Promise<CloudRig> => {
  const desk = new ScriptedDesk();
  const timers = new HandTimers();
  const app = fastify({ forceCloseConnections: true });
  const principals = new Map([
    [KEY, { namespace: 'acme', keyId: 'k1' }],
    [OTHER_KEY, { namespace: 'other', keyId: 'k2' }],
  ]);
  await app.register(cloudApi, {
    desk,
    timers,
    authenticate: (bearer: string) => principals.get(bearer),
    logger: pino({ level: 'silent' }),
    limits: { requestsPerSecond: 10_000, ...limits },
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    desk,
    timers,
    url,
    openai: new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 }),
    ask: (path, body, headers = {}, init = {}) =>
      fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${KEY}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...init,
      }),
    close: () => app.close(),
  };
};

export const chat = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

/** A chunk as vLLM sends it. */
export const engineChunk = (delta: unknown, finish: string | null = null, more: object = {}) => ({
  id: 'chatcmpl-engine',
  object: 'chat.completion.chunk',
  created: 1,
  model: '/models/blob',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  ...more,
});

/** vLLM's last chunk, which the node always asks for. */
export const engineUsage = (prompt = 3, completion = 2) => ({
  ...engineChunk({}),
  choices: [],
  usage: { prompt_tokens: prompt, total_tokens: prompt + completion, completion_tokens: completion },
});

export const engineAnswer = {
  id: 'chatcmpl-engine',
  object: 'chat.completion',
  created: 1,
  model: '/models/blob',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi there', refusal: null, tool_calls: [], reasoning: null },
      logprobs: { content: [{ token: 'Hi', logprob: -0.125, bytes: [72, 105], top_logprobs: [] }] },
      finish_reason: 'stop',
      stop_reason: null,
    },
  ],
  service_tier: null,
  system_fingerprint: 'vllm-0.11-abcdef',
  usage: { prompt_tokens: 3, total_tokens: 5, completion_tokens: 2, prompt_tokens_details: null },
  prompt_logprobs: null,
};
