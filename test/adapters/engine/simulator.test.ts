// The engine client against the simulator: two pieces written apart, over a real Unix socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { EngineClient } from '../../../src/adapters/engine/engine-client.js';
import { createEngineClient } from '../../../src/adapters/engine/undici-engine-client.js';
import type { SimulatorOptionsInput } from '../../../src/runtimes/simulator/options.js';
import { startSimulator } from '../../../src/runtimes/simulator/simulator.js';

const never = new AbortController().signal;
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hello' }], max_tokens: 8 };
let cleanUp = async (): Promise<void> => {};
afterEach(() => cleanUp());

const clientOf = async (options: Partial<SimulatorOptionsInput> = {}): Promise<EngineClient> => {
  const directory = mkdtempSync(join(tmpdir(), 'simulated-'));
  const simulator = await startSimulator(
    {
      uds: join(directory, 'engine.sock'),
      servedModelName: ['m', 'e:embedding'],
      maxModelLen: 64,
      ...options,
    },
    { logger: pino({ level: 'silent' }), exit: () => {} },
  );
  await simulator.ready;
  const client = createEngineClient(simulator.address);
  cleanUp = async () => {
    await client.close();
    await simulator.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return client;
};

test('answers every question', async () => {
  const client = await clientOf();
  await client.health(never);
  await expect(client.models(never)).resolves.toEqual([
    { id: 'm', maxModelLen: 64 },
    { id: 'e', maxModelLen: 64 },
  ]);
  await expect(client.version(never)).resolves.toEqual(expect.any(String));
  await expect(client.load(never)).resolves.toEqual({ running: 0, waiting: 0, kvUse: 0, tokensOut: 0 });
});

test('streams the same text that it answers in one piece', async () => {
  const client = await clientOf();
  const whole = await client.complete('chat.completions', CHAT, never);
  let text = '';
  const end = await client.stream(
    'chat.completions',
    CHAT,
    (_, chunk) => {
      text += chunk.choices[0]?.delta?.content ?? '';
    },
    never,
  );
  expect(end).toEqual({ usage: whole.usage, finishReason: whole.finishReason });
  expect(JSON.parse(whole.body).choices[0].message.content).toBe(text);
  expect(end.usage?.completionTokens).toBe(8);
});

test('embeds', async () => {
  const client = await clientOf();
  const answer = await client.complete('embeddings', { model: 'e', input: 'hello' }, never);
  expect(answer).toMatchObject({ usage: { completionTokens: 0 }, finishReason: undefined });
});

test('is refused with a known reason', async () => {
  const client = await clientOf();
  await expect(
    client.complete('chat.completions', { ...CHAT, max_tokens: 999 }, never),
  ).rejects.toMatchObject({
    code: 'RUNTIME_REJECTED',
    details: { status: 400, reason: 'context_too_long' },
  });
  await expect(client.complete('chat.completions', { ...CHAT, model: 'x' }, never)).rejects.toMatchObject({
    code: 'RUNTIME_REJECTED',
    details: { status: 404, reason: 'model_unknown' },
  });
});

test('leaving a stream frees its slot', async () => {
  const client = await clientOf({ tokensPerSecond: 100, maxModelLen: 100_000 });
  const left = new AbortController();
  const request = { ...CHAT, max_tokens: 50_000, ignore_eos: true };
  const work = client.stream('chat.completions', request, () => left.abort(new Error('left')), left.signal);
  await expect(work).rejects.toThrow('left');
  await expect.poll(async () => (await client.load(never)).running).toBe(0);
});

test.each([
  ['error-midstream', 'RUNTIME_CRASHED'],
  ['disconnect', 'RUNTIME_CRASHED'],
  ['crash', 'RUNTIME_CRASHED'],
  ['malformed', 'OUTPUT_MALFORMED'],
  ['503', 'RUNTIME_UNREACHABLE'],
])('the fault %s is %s', async (fault, code) => {
  const client = await clientOf({ fault: [fault] });
  await expect(client.stream('chat.completions', CHAT, () => {}, never)).rejects.toMatchObject({ code });
});
