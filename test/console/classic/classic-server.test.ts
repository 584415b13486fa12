// The classic inspector's port over real sockets: who may attach, what is told, and that nobody can send anything.
import { once } from 'node:events';
import { request } from 'node:http';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { assign, createActor, fromPromise, setup } from 'xstate';
import {
  type ClassicMessage,
  classicMessage,
  classicState,
} from '../../../src/console/classic/classic-messages.js';
import { type ClassicServer, startClassicServer } from '../../../src/console/classic/classic-server.js';
import { type ActorWatch, watchActors } from '../../../src/console/inspection/watch-actors.js';
import { loadMachine } from '../../classic-inspector/receiver/classic-xstate.js';

const CANARY = 'canary-b41e';

/** Carries a secret wherever a statechart could: context, input, output, error, payload. */
const secretive = setup({
  types: {} as {
    context: { count: number; secret: string };
    input: { secret: string };
    events: { type: 'go' | 'fail' | 'end'; secret: string };
  },
  actors: {
    work: fromPromise<string, { secret: string }>(async ({ input }) => input.secret),
    break: fromPromise<string, { secret: string }>(({ input }) => Promise.reject(new Error(input.secret))),
  },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  id: 'secretive',
  context: ({ input }) => ({ count: 0, secret: input.secret }),
  initial: 'idle',
  output: ({ context }) => context,
  states: {
    idle: { on: { go: 'working', fail: 'breaking' } },
    working: {
      entry: 'count',
      invoke: { id: 'work', src: 'work', input: ({ context }) => context, onDone: 'idle' },
    },
    breaking: { invoke: { id: 'break', src: 'break', input: ({ context }) => context, onError: 'idle' } },
    ended: { type: 'final' },
  },
  on: { end: '.ended' },
});

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const listed = (_machine: string, context: unknown) => ({ count: (context as { count: number }).count });

const start = async (origins: readonly string[] = []) => {
  const watch = watchActors(listed);
  const server = await startClassicServer({ watch, port: 0, origins, logger: pino({ enabled: false }) });
  open.push(server);
  const actor = createActor(secretive, { input: { secret: CANARY }, inspect: watch.observe, id: 'one' });
  return { server, watch, actor };
};

const attach = async ({ port }: ClassicServer, says: unknown = { type: 'xstate.inspecting' }) => {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);
  const texts: string[] = [];
  ws.on('message', (data) => texts.push(String(data)));
  await once(ws, 'open');
  open.push({ close: () => ws.terminate() });
  ws.send(typeof says === 'string' ? says : JSON.stringify(says));
  return {
    ws,
    texts,
    messages: (): ClassicMessage[] => texts.map((text) => classicMessage.parse(JSON.parse(text))),
  };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const stateIn = (json: string) => classicState.parse(JSON.parse(json));

test('shows who lives already, then each event, state and end, with nothing of what they carry', async () => {
  const { server, actor } = await start();
  actor.start();
  const { texts, messages } = await attach(server);
  await until(() => texts.length > 0);
  actor.send({ type: 'go', secret: CANARY });
  await until(() => texts.filter((text) => text.includes('service.stop')).length === 1);
  actor.send({ type: 'fail', secret: CANARY });
  await until(() => texts.filter((text) => text.includes('service.stop')).length === 2);
  actor.send({ type: 'end', secret: CANARY });
  await until(() => texts.filter((text) => text.includes('service.stop')).length === 3);

  const [first] = messages();
  if (first?.type !== 'service.register') throw new Error('not registered first');
  expect(first).toMatchObject({ id: 'one', sessionId: actor.sessionId });
  const chart = loadMachine(first.machine);
  expect(chart.resolve(first.state)).toEqual(['secretive', 'secretive.idle']);
  const story = messages().flatMap((message) => {
    if (message.sessionId !== actor.sessionId) return [];
    if (message.type === 'service.event') return [`< ${JSON.parse(message.event).name}`];
    if (message.type === 'service.state') {
      const { value, context, _event } = stateIn(message.state);
      return [`${_event.name}: ${value} ${JSON.stringify(context)}`];
    }
    return [message.type];
  });
  expect(story).toEqual([
    'service.register',
    '< go',
    'go: working {"count":1}',
    '< done.invoke.work',
    'done.invoke.work: idle {"count":1}',
    '< fail',
    'fail: breaking {"count":1}',
    '< error.platform.break',
    'error.platform.break: idle {"count":1}',
    '< end',
    'end: ended {"count":1}',
    'service.stop',
  ]);
  const services = messages().filter(
    (message) => message.type === 'service.register' && message.parent === actor.sessionId,
  );
  expect(services.map((message) => 'id' in message && message.id)).toEqual(['work', 'break']);
  const ends = messages().flatMap((message) =>
    message.type === 'service.state' && message.sessionId !== actor.sessionId
      ? [stateIn(message.state).value]
      : [],
  );
  expect(ends).toEqual(['done', 'error']);
  expect(texts.join('\n')).not.toContain(CANARY);
});

test('an event from a viewer goes nowhere and is counted; the viewer stays', async () => {
  const { server, actor } = await start();
  actor.start();
  const { ws, texts } = await attach(server);
  await until(() => texts.length === 1);
  ws.send(JSON.stringify({ type: 'xstate.event', event: '{"name":"end"}', service: actor.sessionId }));
  await until(() => server.refusedEvents === 1);
  expect(actor.getSnapshot().value).toBe('idle');
  expect(ws.readyState).toBe(WebSocket.OPEN);
});

test.each(['{"type":"xstate.disconnect"}', 'no JSON', '[]'])(
  'a viewer that says %s is sent away',
  async (says) => {
    const { server } = await start();
    const { ws } = await attach(server, says);
    const [code] = await once(ws, 'close');
    expect(code).toBe(1008);
  },
);

const knock = (port: number, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    asked.on('response', (answer) => resolve(answer.statusCode));
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });

test('only own names of the host and listed sites may attach', async () => {
  const { server } = await start(['https://stately.ai']);
  const { port } = server;
  const own = `127.0.0.1:${port}`;
  expect(await knock(port, { host: own })).toBe(101);
  expect(await knock(port, { host: `localhost:${port}` })).toBe(101);
  expect(await knock(port, { host: own, origin: 'https://stately.ai' })).toBe(101);
  expect(await knock(port, { host: `rebound.example:${port}` })).toBe(403);
  expect(await knock(port, { host: own, origin: 'https://evil.example' })).toBe(403);
  expect(await knock(port, { host: own, origin: `http://${own}` })).toBe(403);
  expect(await knock(port, { host: own, origin: 'null' })).toBe(403);
});

test('a fifth viewer is turned away', async () => {
  const { server } = await start();
  for (let count = 0; count < 4; count++) await attach(server);
  expect(await knock(server.port, { host: `127.0.0.1:${server.port}` })).toBe(503);
});

test('a port that is taken is an error with advice', async () => {
  const { server, watch } = await start();
  const again = startClassicServer({
    watch: watch satisfies ActorWatch,
    port: server.port,
    origins: [],
    logger: pino({ enabled: false }),
  });
  await expect(again).rejects.toMatchObject({
    code: 'CONSOLE_CLASSIC_PORT',
    advice: expect.stringContaining('--inspect-classic'),
  });
});
