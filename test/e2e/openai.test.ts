// The public `openai` client against the whole system of real processes.
import { expect, test } from 'vitest';
import { until } from './processes.js';
import { startWholeSystem } from './whole-system.js';

test('serves models, chat, completions and embeddings, plain and streamed, and frees the slot of an aborted stream', async () => {
  const { client, node, network } = await startWholeSystem({ tokensPerSecond: 100 });

  const models = await client.models.list();
  expect(models.data.map(({ id }) => id).sort()).toEqual(['demo-chat', 'demo-embed']);

  const messages = [{ role: 'user' as const, content: 'Say something.' }];
  const plain = await client.chat.completions.create({
    model: 'demo-chat',
    messages,
    max_tokens: 16,
    temperature: 0,
  });
  expect(plain.model).toBe('demo-chat');
  expect(plain.choices[0]?.message.content).not.toBe('');
  expect(plain.usage?.completion_tokens).toBeGreaterThan(0);

  const stream = await client.chat.completions.create({
    model: 'demo-chat',
    messages,
    max_tokens: 16,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let tokens: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  expect(text).toBe(plain.choices[0]?.message.content);
  expect(tokens).toBe(plain.usage?.completion_tokens);

  const completion = await client.completions.create({ model: 'demo-chat', prompt: 'Once', max_tokens: 8 });
  expect(completion.choices[0]?.text).not.toBe('');

  const embeddings = await client.embeddings.create({ model: 'demo-embed', input: ['a', 'b'] });
  expect(embeddings.data).toHaveLength(2);
  expect(embeddings.data[0]?.embedding.length).toBeGreaterThan(0);

  const long = await client.chat.completions.create({
    model: 'demo-chat',
    messages,
    max_tokens: 2000,
    stream: true,
  });
  for await (const _chunk of long) break;
  long.controller.abort();
  await until(
    'the slot is free',
    () => node.control.status(),
    ({ jobs }) => jobs.running === 0 && jobs.outbox === 0,
  );
  const { jobs } = await network.admin.call('jobs', { limit: 1 });
  expect(jobs[0]?.state).toBe('cancelled');

  await expect(client.chat.completions.create({ model: 'no-such-model', messages })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});
