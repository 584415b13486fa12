// A real model answers through network, node and signature, and the node lives through what a real engine does.

import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { EngineClient } from '../../src/adapters/engine/engine-client.js';
import { createEngineClient } from '../../src/adapters/engine/undici-engine-client.js';
import { sharedEngine } from '../docker/system/container-system.js';
import { openStreams } from '../docker/system/open-streams.js';
import { sharedRig, startNodeProcess, until } from '../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../e2e/whole-system.js';
import { LOADED_WITHIN_MS, startVllmSystem, type VllmSystem } from './vllm-system.js';

const FRANCE = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const LONG = { model: 'demo-chat', messages: FRANCE, temperature: 0, max_tokens: 24 };
const SHORT = { ...LONG, max_tokens: 8, stop: ['\n'] };

describe.skipIf(inject('engineSocket') === null)('a real vLLM', () => {
  let system: VllmSystem;
  let cleanUp = async (): Promise<void> => {};
  let direct: EngineClient;

  const connect = async (): Promise<void> => {
    direct = createEngineClient({ kind: 'unix', path: await system.engineSocket() });
  };
  const never = new AbortController().signal;
  const settled = () => untilAcknowledged(system.node);
  const untilServedAgain = async (restarts: number): Promise<void> => {
    await until(
      'the Runtime is replaced',
      () => system.node.control.status(),
      ({ runtime }) => runtime.restarts > restarts,
    );
    await untilReady(system.node, LOADED_WITHIN_MS);
  };
  const lastJob = async () => {
    await settled();
    const [job] = await system.node.control.jobs(1);
    return job;
  };

  beforeAll(async () => {
    const shared = await sharedRig(() => startVllmSystem(sharedEngine(), { slots: 8 }));
    system = shared.rig;
    cleanUp = shared.cleanUp;
    await connect();
  });

  afterAll(async () => {
    await direct?.close();
    await cleanUp();
  });

  test('is proved by its own test inference before it gets a job', async () => {
    const { models, runtime } = await system.node.control.status();
    expect(models).toMatchObject([{ id: 'demo-chat', state: 'active' }]);
    expect(runtime).toMatchObject({ state: 'ready', engine: 'vllm-cpu', driver: 'container', restarts: 0 });
    expect(runtime.version).toMatch(/^0\.32\./);
  });

  test('answers a chat as the engine itself does, with the same token counts in the receipt', async () => {
    const own = await direct.complete('chat.completions', SHORT, never);
    const answer = await system.client.chat.completions.create(SHORT);
    expect(answer.choices[0]?.message.content?.trim()).toBe('Paris');
    expect(answer.choices[0]?.message.content).toBe(JSON.parse(own.body).choices[0].message.content);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage).toMatchObject({
      prompt_tokens: own.usage?.promptTokens,
      completion_tokens: own.usage?.completionTokens,
    });
    expect(await lastJob()).toMatchObject({
      outcome: 'completed',
      verdict: 'accepted',
      promptTokens: own.usage?.promptTokens,
      completionTokens: own.usage?.completionTokens,
    });
  });

  test('streams the very words it answers whole', async () => {
    const whole = await system.client.chat.completions.create(LONG);
    const stream = await system.client.chat.completions.create({
      ...LONG,
      stream: true,
      stream_options: { include_usage: true },
    });
    let words = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    let chunks = 0;
    for await (const chunk of stream) {
      words += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
      chunks += 1;
    }
    expect(words).toBe(whole.choices[0]?.message.content);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
    expect(chunks).toBeGreaterThan(8);
    expect(await lastJob()).toMatchObject({ mode: 'stream', completionTokens: usage?.completion_tokens });
  });

  test('completes a text, and repeats itself for the same seed alone', async () => {
    const sampled = (seed: number) =>
      system.client.completions
        .create({ model: 'demo-chat', prompt: 'Once upon a time', max_tokens: 24, temperature: 0.9, seed })
        .then(({ choices }) => choices[0]?.text);
    const [one, same, other] = [await sampled(7), await sampled(7), await sampled(8)];
    expect(one).not.toBe('');
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test('frees the slot of a client that leaves', async () => {
    const stream = await system.client.chat.completions.create({
      ...LONG,
      max_tokens: 1_024,
      stream: true,
    });
    for await (const _chunk of stream) break;
    expect((await direct.load(never)).running).toBe(1);
    stream.controller.abort();
    await until(
      'the engine has nothing to do',
      () => direct.load(never),
      ({ running }) => running === 0,
      10_000,
    );
    expect(await lastJob()).toMatchObject({ outcome: 'cancelled' });
  });

  test('finishes 32 jobs at once, each with its own receipt', async () => {
    const before = (await system.node.control.jobs(1_000)).length;
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        system.client.chat.completions.create({ ...LONG, seed: index, max_tokens: 16 }),
      ),
    );
    expect(answers.every(({ usage }) => (usage?.completion_tokens ?? 0) > 0)).toBe(true);
    const jobs = (await settled()).slice(0, 32);
    expect((await settled()).length).toBe(before + 32);
    expect(jobs.every(({ outcome, verdict }) => outcome === 'completed' && verdict === 'accepted')).toBe(
      true,
    );
    expect(new Set(jobs.map(({ receiptSeq }) => receiptSeq)).size).toBe(32);
    expect((await system.node.control.status()).runtime).toMatchObject({ state: 'ready' });
  });

  test("tells a client what the engine refuses, in the network's words", async () => {
    const tooLong = { ...SHORT, messages: [{ role: 'user' as const, content: 'Paris '.repeat(2_500) }] };
    await expect(system.client.chat.completions.create(tooLong)).rejects.toMatchObject({ status: 400 });
    expect(await lastJob()).toMatchObject({ outcome: 'runtime_rejected' });
    expect((await system.node.control.status()).runtime).toMatchObject({ state: 'ready' });
  });

  test('is replaced when its worker is killed in mid-stream: the jobs end typed, and it serves again', async () => {
    const before = await system.runtime();
    const { restarts } = (await system.node.control.status()).runtime;
    const ends = await openStreams(system.client, 2, 512);
    for (const pid of await system.processes('VLLM::EngineCore')) process.kill(pid, 'SIGKILL');
    expect(await ends()).toEqual(['upstream_failed', 'upstream_failed']);
    const jobs = (await settled()).slice(0, 2);
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['runtime_crashed', 'runtime_crashed']);
    await untilServedAgain(restarts);
    expect((await system.runtime()).Id).not.toBe(before.Id);
    expect((await system.node.control.status()).runtime).toMatchObject({
      state: 'ready',
      restarts: restarts + 1,
    });
    await direct.close();
    await connect();
    const answer = await system.client.chat.completions.create(SHORT);
    expect(answer.choices[0]?.message.content?.trim()).toBe('Paris');
  });

  test('is found out when it freezes, although it says that all is well', async () => {
    const before = await system.runtime();
    const { restarts } = (await system.node.control.status()).runtime;
    const ends = await openStreams(system.client, 2, 512);
    for (const pid of await system.processes('VLLM::')) process.kill(pid, 'SIGSTOP');
    await direct.health(never);
    expect(await ends()).toEqual(['upstream_failed', 'upstream_failed']);
    const jobs = (await settled()).slice(0, 2);
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['runtime_stalled', 'runtime_stalled']);
    await untilServedAgain(restarts);
    expect((await system.runtime()).Id).not.toBe(before.Id);
    await direct.close();
    await connect();
    const answer = await system.client.chat.completions.create(SHORT);
    expect(answer.choices[0]?.message.content?.trim()).toBe('Paris');
  });

  test('is adopted by the next Agent when one is killed: nothing is loaded again', async () => {
    const before = await system.runtime();
    await system.node.kill('SIGKILL');
    const node = startNodeProcess(system.directory, system.network.url, { runtime: system.settings });
    await untilReady(node, 20_000);
    const after = await system.runtime();
    expect(after.Id).toBe(before.Id);
    expect(after.State.StartedAt).toBe(before.State.StartedAt);
    const answer = await system.client.chat.completions.create(SHORT);
    expect(answer.choices[0]?.message.content?.trim()).toBe('Paris');
  });
});
