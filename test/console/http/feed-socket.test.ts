// The feed over a real socket: what a page sees of running statecharts, and what it cannot do to them.
import { createConnection } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AnyActorRef, assign, createActor, setup } from 'xstate';
import type { LivingActor } from '../../../src/console/feed/feed-records.js';
import { nodeRootName } from '../../../src/console/inspection/root-names.js';
import { type ConsoleRig, openConsoleRig, TOKEN, watchFeed } from './console-rig.js';

const CANARY = 'CANARY-77aa';
type JobWord = { type: 'job.begun' } | { type: 'job.ended'; prompt: string };

/** Stands for a job in the catalog's name: its context has what is listed, and what must never be shown. */
const jobLike = setup({
  types: {} as { input: { prompt: string }; context: Record<string, unknown>; events: JobWord },
  actions: { keep: assign((_, params: { prompt: string }) => ({ reason: params.prompt })) },
}).createMachine({
  id: 'job',
  context: ({ input }) => ({
    ...{ job: 'J1', attempt: 1, resumption: 'new', model: 'm', endpoint: 'chat.completions', streamed: true },
    ...{ isLate: false, decline: null, outcome: 'completed', verdict: null },
    failure: { code: 'BROKEN', message: input.prompt },
    prompt: input.prompt,
  }),
  initial: 'received',
  states: {
    received: { on: { 'job.begun': 'executing' } },
    executing: {
      on: {
        'job.ended': {
          target: 'concluded',
          actions: { type: 'keep', params: ({ event }) => ({ prompt: event.prompt }) },
        },
      },
    },
    concluded: { type: 'final' },
  },
});

let rig: ConsoleRig;
let job: AnyActorRef;
beforeEach(async () => {
  rig = await openConsoleRig();
  job = createActor(jobLike, {
    inspect: rig.observers.observe,
    input: { prompt: CANARY },
    id: nodeRootName(0),
  }).start();
});
afterEach(() => rig.close());

test('who comes late sees who lives, where it is and how it came there; then what happens', async () => {
  job.send({ type: 'job.begun' });
  const client = await watchFeed(rig.server.url);
  await client.until((messages) => messages.length > 0);
  expect(client.ws.protocol).toBe('resultity.console.v1');
  const [hello] = client.messages;
  if (hello?.type !== 'hello') throw new Error('no hello');
  expect(hello.actors).toMatchObject([
    {
      id: 'node-0',
      machine: 'job',
      network: 0,
      state: { nodes: ['job', 'job.executing'], status: 'active' },
    },
  ] satisfies readonly Partial<LivingActor>[] | object[]);
  expect(hello.records.map((one) => (one.kind === 'event' ? one.type : one.kind))).toEqual([
    'actor',
    'state',
    'job.begun',
    'state',
  ]);
  expect(hello.jobs).toMatchObject([{ network: 'devnet', job: 'J1', endedMs: null }]);
  job.send({ type: 'job.ended', prompt: CANARY });
  await client.until((messages) => messages.some(({ type }) => type === 'records'));
  await client.until((messages) => messages.some(({ type }) => type === 'jobs'));
  const told = client.messages.flatMap((one) => (one.type === 'records' ? one.records : []));
  expect(told).toMatchObject([
    { kind: 'event', type: 'job.ended', from: null },
    { kind: 'state', status: 'done', nodes: ['job', 'job.concluded'], edges: ['job.executing|job.ended|0'] },
  ]);
  expect(client.messages.find(({ type }) => type === 'jobs')).toMatchObject({
    jobs: [{ steps: [{ state: 'received' }, { state: 'executing' }], outcome: 'completed' }],
  });
  const again = await watchFeed(rig.server.url);
  await again.until((messages) => messages.length > 0);
  expect(again.messages[0]).toMatchObject({ actors: [] });
  expect(JSON.stringify([client.messages, again.messages])).not.toContain(CANARY);
});

test('log lines reach the page as they were written, with code and advice', async () => {
  const line = (fields: object) =>
    JSON.stringify({ level: 'warn', time: '2026-01-01T00:00:00.000Z', ...fields });
  rig.logs.write(line({ msg: 'before', component: 'link' }));
  rig.logs.write('no JSON');
  const client = await watchFeed(rig.server.url);
  rig.logs.write(
    line({ msg: 'after', code: 'FULL', advice: 'Make room.', event: 'disk.full', job: 'J1', extra: 1 }),
  );
  await client.until((messages) => messages.some(({ type }) => type === 'logs'));
  expect(client.messages[0]).toMatchObject({ logs: [{ seq: 0, component: 'link', message: 'before' }] });
  expect(client.messages.find(({ type }) => type === 'logs')).toEqual({
    type: 'logs',
    logs: [
      {
        seq: 2,
        atMs: Date.UTC(2026),
        level: 'warn',
        component: null,
        network: null,
        event: 'disk.full',
        job: 'J1',
        message: 'after [FULL] Make room.',
      },
    ],
  });
});

test.each([
  ['a word', 'hello?'],
  ['nothing', ''],
  ['bytes', Buffer.from([1, 2, 3])],
])('a page that says %s is disconnected, and the statechart has heard nothing', async (_, said) => {
  const client = await watchFeed(rig.server.url);
  client.ws.send(said);
  expect(await client.closed).toBe(1008);
  expect((job.getSnapshot() as { value: unknown }).value).toBe('received');
});

test('the ninth page is told that it is one too many', async () => {
  const pages = [];
  for (let at = 0; at < 8; at++) pages.push(await watchFeed(rig.server.url));
  await expect(watchFeed(rig.server.url)).rejects.toThrow('503');
  pages[0]?.ws.close();
  await vi.waitFor(async () => expect((await watchFeed(rig.server.url)).ws.readyState).toBe(1));
});

test('a page that has stopped reading holds up neither the node nor the other pages', async () => {
  const { hostname, port } = new URL(rig.server.url);
  const stalled = createConnection({ host: hostname, port: Number(port) });
  stalled.on('error', () => undefined);
  stalled.write(
    [
      'GET /api/feed HTTP/1.1',
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: resultity.console.v1, token.${TOKEN}`,
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => stalled.once('data', resolve));
  stalled.pause();
  const client = await watchFeed(rig.server.url);
  await client.until((messages) => messages.length > 0);
  const counted = setup({}).createMachine({ on: { tick: { actions: [] } } });
  const ticking = createActor(counted, { inspect: rig.observers.observe }).start();
  for (let batch = 1; batch <= 40; batch++) {
    for (let at = 0; at < 900; at++) ticking.send({ type: 'tick' });
    const wanted = batch * 1_800;
    await client.until(
      (messages) =>
        messages.reduce((sum, one) => sum + (one.type === 'records' ? one.records.length : 0), 0) >= wanted,
    );
  }
  expect(client.messages.every((one) => one.type !== 'records' || one.dropped === 0)).toBe(true);
  // It reads again: what it was not told in between was counted, not kept.
  const told = new Promise<void>((resolve) => {
    let text = '';
    stalled.on('data', (part) => {
      text = text.slice(-64) + part.toString('latin1');
      if (/"dropped":[1-9]/.test(text)) resolve();
    });
  });
  stalled.resume();
  const ticks = setInterval(() => ticking.send({ type: 'tick' }), 20);
  await told;
  clearInterval(ticks);
  stalled.destroy();
});
