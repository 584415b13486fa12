// The network as a whole: OpenAI's SDK on one side, a node with real sockets and signatures on the other.
import type { OpenAI } from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineAnswer, engineChunk, engineUsage } from '../cloud/cloud-rig.js';
import type { ScriptedNode } from '../io/scripted-node.js';
import { DRAFT, NetworkInDirectory } from './running-network.js';

let rig: NetworkInDirectory;
beforeEach(async () => {
  rig = await NetworkInDirectory.start();
  await rig.network.publisher.publish(DRAFT);
});
afterEach(() => rig.stop());

const hello = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 16 };
const plain = { output: JSON.stringify(engineAnswer), usage: { prompt_tokens: 3, completion_tokens: 2 } };
const chunks = [
  engineChunk({ role: 'assistant', content: '' }),
  engineChunk({ content: 'Hi' }),
  engineChunk({ content: ' there' }, 'stop'),
  engineUsage(),
].map((chunk) => JSON.stringify(chunk));

const strip = ({ id, created, model, ...rest }: Record<string, unknown>) => rest;

/** Serves one plain job. */
const serve = async (node: ScriptedNode) => {
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.finish(offer, plain);
  return (await node.next('result.ack')).body;
};

test('carries a chat from client to node and back, and bills it', async () => {
  const [{ openai, namespace }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.chat.completions.create(hello);
  const ack = await serve(node);
  expect(ack.verdict).toBe('accepted');
  const { data, request_id } = await asked.withResponse();
  expect(request_id).toBe(ack.job);
  expect(strip({ ...data })).toEqual(strip(engineAnswer));
  expect(data).toMatchObject({ id: `chatcmpl-${ack.job}`, model: 'tiny' });
  const { ledger } = rig.network;
  const charged = ledger.price({ prompt_tokens: 3, completion_tokens: 2 });
  expect(ledger.balance(namespace)).toMatchObject({ available: 1_000_000n - charged, reserved: 0n });
  expect(ledger.earned(node.address)).toBe(charged);
});

test('streams through deltas with the usage that was billed', async () => {
  const [{ openai }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.chat.completions.create({
    ...hello,
    stream: true,
    stream_options: { include_usage: true },
  });
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, chunks.slice(0, 2));
  const stream = await asked;
  const got: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) {
    got.push(chunk);
    if (got.length === 2) {
      node.delta(offer, 2, chunks.slice(2));
      node.finish(offer, { chunks, usage: { prompt_tokens: 3, completion_tokens: 2 } });
    }
  }
  expect(got.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hi there');
  expect(got.map(({ usage }) => usage?.total_tokens)).toEqual([undefined, undefined, undefined, 5]);
  expect((await node.next('result.ack')).body.verdict).toBe('accepted');
});

test('tells the node to stop when the client leaves a stream, and releases the credits', async () => {
  const [{ openai, namespace }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.chat.completions.create({ ...hello, stream: true });
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, chunks.slice(0, 2));
  for await (const chunk of await asked) if (chunk.choices[0]?.delta.content === 'Hi') break;
  expect((await node.next('job.cancel')).body).toMatchObject({ job: offer.body.job, reason: 'client_gone' });
  await expect.poll(() => rig.network.ledger.balance(namespace).reserved).toBe(0n);
});

test('polls a job over a restart of the network', async () => {
  const { secret, namespace } = await rig.client();
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const taken = await fetch(`${rig.network.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, prefer: 'respond-async' },
    body: JSON.stringify(hello),
  });
  expect(taken.status).toBe(202);
  const { genesis, url } = rig.network;
  await rig.restart();
  expect(rig.network).toMatchObject({ genesis, url });
  const path = url + (taken.headers.get('location') ?? '');
  expect(await (await fetch(path, { headers })).json()).toMatchObject({ status: 'queued' });
  const ack = await serve(await rig.worker());
  expect(ack.verdict).toBe('accepted');
  const done = (await (await fetch(path, { headers })).json()) as { response: Record<string, unknown> };
  expect(done).toMatchObject({ status: 'completed', error: null });
  expect(strip(done.response)).toEqual(strip(engineAnswer));
  expect(rig.network.ledger.balance(namespace).reserved).toBe(0n);
});

test('refuses what cannot be paid, served or found, with the right codes', async () => {
  const { openai } = await rig.client();
  await rig.worker();
  const { accounts } = rig.network;
  const [poor] = (await accounts.createAccount('poor')).namespaces;
  const { secret } = await accounts.createKey(poor ?? '');
  const broke = openai.withOptions({ apiKey: secret });
  await expect(broke.chat.completions.create(hello)).rejects.toMatchObject({ status: 402 });
  await expect(openai.chat.completions.create({ ...hello, model: 'huge' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
  await expect(openai.embeddings.create({ model: 'tiny', input: 'a' })).rejects.toMatchObject({
    status: 404,
  });
  const greedy = openai.chat.completions.create({ ...hello, max_tokens: 2_000 });
  await expect(greedy).rejects.toMatchObject({
    status: 400,
    code: 'context_length_exceeded',
    param: 'max_tokens',
  });
  await expect(openai.withOptions({ apiKey: `${secret}0` }).models.list()).rejects.toMatchObject({
    status: 401,
  });
});

test('passes the refusal of an engine on by field and code alone', async () => {
  const [{ openai }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.chat.completions.create(hello);
  const offer = await node.next('job.offer');
  node.accept(offer);
  const refusal = { code: 'context_length_exceeded', param: 'messages' };
  const nothing = { usage: { prompt_tokens: 0, completion_tokens: 0 }, refusal };
  node.finish(offer, nothing, { outcome: 'runtime_rejected', finish_reason: '' });
  await expect(asked).rejects.toMatchObject({
    status: 400,
    code: 'context_length_exceeded',
    param: 'messages',
  });
});

test('answers waiting clients when it stops, and keeps their jobs', async () => {
  const { openai } = await rig.client();
  const node = await rig.worker();
  const asked = openai.chat.completions.create(hello);
  const settled = expect(asked).rejects.toMatchObject({ status: 503, code: 'shutting_down' });
  const { job } = (await node.next('job.offer')).body;
  await rig.network.close();
  await settled;
  await rig.restart();
  expect(rig.network.snapshot().jobs).toEqual({ offered: 1 });
  expect(job).toMatch(/^[0-9A-Z]{26}$/);
});
