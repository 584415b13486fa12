// The console of a real node: the printed link opens it, its feed tells of a job's life and of nothing in it, and its owner
// can have a model tested again.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FeedRecord } from '../../src/console/feed/feed-records.js';
import { nodeStatus, retestAnswer } from '../../src/console/node-view.js';
import { watchFeed } from '../console/http/console-rig.js';
import { run, until } from './processes.js';
import { startWholeSystem, untilAcknowledged } from './whole-system.js';

const PROMPT = 'canary-prompt-5b7c';

test('shows a job from offer to acknowledgement, where the statecharts truly are, and no word of it', async () => {
  const { node, client, apiKey } = await startWholeSystem({ tokensPerSecond: 50 });
  const printed = await run(['console', '--data-dir', node.dataDir, '--json']);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const link = new URL(z.object({ url: z.string() }).parse(JSON.parse(printed.stdout)).url);
  const token = link.hash.replace('#token=', '');
  const feed = await watchFeed(link.origin, ['resultity.console.v1', `token.${token}`]);
  await feed.until((messages) => messages.length > 0);
  const [hello] = feed.messages;
  if (hello?.type !== 'hello') throw new Error('no hello');

  // Who came late: every living statechart, in the states the node itself tells of.
  const machines = hello.actors.map(({ machine }) => machine).filter((machine) => machine !== null);
  expect([...new Set(machines)].sort()).toEqual(['link', 'model', 'node', 'report', 'runtime']);
  expect(hello.actors.find(({ machine }) => machine === 'node')?.state?.nodes).toContain(
    'node.operating.link.connected',
  );

  const answer = await client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content: `say ${PROMPT}` }],
    max_tokens: 40,
    stream: true,
  });
  let output = '';
  for await (const chunk of answer) output += chunk.choices[0]?.delta.content ?? '';
  expect(output.length).toBeGreaterThan(20);
  const [line] = await untilAcknowledged(node);
  await feed.until((messages) =>
    messages.some((one) => one.type === 'jobs' && one.jobs.some(({ outcome }) => outcome === 'completed')),
  );
  const jobs = feed.messages.flatMap((one) => (one.type === 'jobs' ? one.jobs : []));
  const timeline = jobs.findLast(({ job }) => job === line?.job);
  expect(timeline?.steps.map(({ state }) => state)).toEqual(
    expect.arrayContaining(['validating', 'recording', 'executing.running', 'signing', 'concluding']),
  );
  await feed.until((messages) =>
    messages.some((one) => one.type === 'sample' && one.sample.tokensPerSecond > 0),
  );
  expect(feed.messages.some(({ type }) => type === 'logs')).toBe(true);

  // The owner has the model tested again: its chart goes there and comes back.
  const api = async (path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${link.origin}${path}`, asked);
    expect(response.status).toBe(200);
    return response.json();
  };
  const status = nodeStatus.parse(await api('/api/status'));
  const digest = status.models[0]?.digest ?? '';
  expect(retestAnswer.parse(await api('/api/models/retest', { digest }))).toEqual({
    retested: true,
    state: 'active',
  });
  const statesOf = (): readonly string[] => {
    const records = feed.messages.flatMap((one): FeedRecord[] => (one.type === 'records' ? one.records : []));
    return records.flatMap((one) => (one.kind === 'state' && one.context.digest === digest ? one.nodes : []));
  };
  await feed.until(() => statesOf().includes('model.testing') && statesOf().at(-1) === 'model.active');
  await until(
    'the model is active again',
    () => node.control.status(),
    ({ models }) => models[0]?.state === 'active',
  );

  const told = JSON.stringify(feed.messages);
  for (const secret of [PROMPT, output.slice(0, 40), apiKey, token]) expect(told).not.toContain(secret);
  const ready = await fetch(`${link.origin}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, reasons: [] }]);
  feed.ws.close();
});
