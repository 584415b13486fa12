// The socket to a receiver of @statelyai/inspect: it comes back by itself, tells everything again, and lets the process end.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createActor, createMachine } from 'xstate';
import { createViewers, type Dialect } from '../../../src/console/inspection/viewers.js';
import { watchActors } from '../../../src/console/inspection/watch-actors.js';
import { openStatelyLink } from '../../../src/console/stately/stately-link.js';

const dialect: Dialect = {
  began: ({ id }) => `+ ${id}`,
  received: ({ id }) => `< ${id}`,
  moved: ({ id }) => `= ${id}`,
  ended: () => undefined,
};

const listen = async (port = 0) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  const texts: string[] = [];
  server.on('connection', (ws) => ws.on('message', (data) => texts.push(String(data))));
  await once(server, 'listening');
  return { server, texts, port: (server.address() as AddressInfo).port };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

test('a receiver that went away and came back is told of everybody again', async () => {
  const watch = watchActors(() => ({}));
  createActor(createMachine({ id: 'lamp' }), { id: 'light', inspect: watch.observe }).start();
  const first = await listen();
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const link = openStatelyLink(
    `ws://127.0.0.1:${first.port}/?key=canary-url`,
    createViewers(watch, dialect, 1000),
    logger,
  );
  await until(() => first.texts.length === 1);
  // A normal close, after which the package's own socket would stay away.
  for (const client of first.server.clients) client.close(1000);
  first.server.close();
  await until(() => lines.some((line) => line.includes('stately.lost')));
  const second = await listen(first.port);
  await until(() => second.texts.length === 1);
  expect([first.texts, second.texts]).toEqual([['+ light'], ['+ light']]);
  expect(lines.join('')).not.toContain('canary-url');

  const [client] = second.server.clients;
  link.close();
  if (client !== undefined) await once(client, 'close');
  expect(second.server.clients.size).toBe(0);
  await new Promise((resolve) => second.server.close(resolve));
});
