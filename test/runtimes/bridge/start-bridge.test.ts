// The bridge between real sockets: bytes, half-closes and breaks, both ways.
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bridgeTo, closedPort, dial, leaveStaleSocket, scriptedPort, socketPlace, untilEnd } from './rig.js';

const joined = async () => {
  const engine = await scriptedPort();
  const bridge = await bridgeTo(engine.port);
  const client = await dial(bridge.socketPath);
  return { bridge, client, engine: await engine.next() };
};

test('carries more than any buffer holds, both ways at once', async () => {
  const { client, engine } = await joined();
  const up = 'u'.repeat(3_000_000);
  const down = 'd'.repeat(5_000_000);
  client.end(up);
  engine.end(down);
  const [atEngine, atClient] = await Promise.all([untilEnd(engine), untilEnd(client)]);
  expect([atEngine === up, atClient === down]).toEqual([true, true]);
});

test('passes the end of one direction on while the other goes on', async () => {
  const { client, engine } = await joined();
  client.end('question');
  expect(await untilEnd(engine)).toBe('question');
  engine.end('answer');
  expect(await untilEnd(client)).toBe('answer');
});

test('an idle client that leaves is seen by the engine as the end, and by its next bytes as a break', async () => {
  const { client, engine } = await joined();
  client.write('x');
  await once(engine, 'data');
  client.destroy();
  await once(engine, 'end');
  const broken = once(engine, 'error');
  const pulse = setInterval(() => engine.write('token'), 5);
  const [error] = await broken;
  clearInterval(pulse);
  expect(['EPIPE', 'ECONNRESET']).toContain(error.code);
});

test('an engine that breaks off breaks the client off', async () => {
  const { client, engine } = await joined();
  client.on('error', () => undefined);
  client.resume();
  const closed = once(client, 'close');
  engine.resetAndDestroy();
  await closed;
});

test('closes a connection while nothing listens on the port', async () => {
  const bridge = await bridgeTo(await closedPort());
  const refused = await dial(bridge.socketPath);
  refused.on('error', () => undefined).resume();
  await once(refused, 'close');
});

test('closes connections above the bound, and takes new ones once there is room', async () => {
  const engine = await scriptedPort();
  const bridge = await bridgeTo(engine.port, socketPlace(), 1);
  const first = await dial(bridge.socketPath);
  const atEngine = await engine.next();
  const second = await dial(bridge.socketPath);
  second.on('error', () => undefined).resume();
  await once(second, 'close');
  first.end();
  atEngine.end();
  first.resume();
  await once(first, 'close');
  const third = await dial(bridge.socketPath);
  third.write('x');
  expect(String((await once(await engine.next(), 'data'))[0])).toBe('x');
});

test('takes the place of a socket that a dead process left; owner and group may connect', async () => {
  const { port } = await scriptedPort();
  const path = socketPlace();
  await leaveStaleSocket(path);
  await bridgeTo(port, path);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  await dial(path);
});

test('leaves a plain file alone', async () => {
  const path = socketPlace();
  writeFileSync(path, 'precious');
  await expect(bridgeTo(1, path)).rejects.toMatchObject({
    code: 'BRIDGE_LISTEN_FAILED',
    message: expect.stringMatching(/is no socket/),
  });
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

test('leaves a socket alone that is served', async () => {
  const { port, next } = await scriptedPort();
  const { socketPath } = await bridgeTo(port);
  await expect(bridgeTo(1, socketPath)).rejects.toMatchObject({
    code: 'BRIDGE_LISTEN_FAILED',
    message: expect.stringMatching(/another process listens/),
  });
  await next(); // the probe itself
  const client = await dial(socketPath);
  client.write('x');
  expect(String((await once(await next(), 'data'))[0])).toBe('x');
});

test('refuses a path that would be cut off, and a directory that is not there', async () => {
  const place = socketPlace();
  for (const path of [`${place}${'x'.repeat(107)}`, `${place}.d/engine.sock`]) {
    await expect(bridgeTo(1, path)).rejects.toMatchObject({ code: 'BRIDGE_LISTEN_FAILED' });
  }
});

test('closing breaks what is open and removes the socket', async () => {
  const { bridge, client, engine } = await joined();
  for (const socket of [client, engine]) socket.on('error', () => undefined).resume();
  const ends = Promise.all([once(client, 'close'), once(engine, 'end').catch(() => undefined)]);
  await bridge.close();
  await ends;
  expect(() => statSync(bridge.socketPath)).toThrow(/ENOENT/);
});

test('a client that gives up on a silent HTTP engine is an abort there', async () => {
  const engine = createHttpServer();
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  onTestFinished(() => void engine.close());
  const { socketPath } = await bridgeTo((engine.address() as AddressInfo).port);
  const asked = once(engine, 'request');
  const outgoing = request({ socketPath, path: '/v1/chat/completions' });
  outgoing.on('error', () => undefined);
  outgoing.end();
  const [, answer] = await asked;
  outgoing.destroy();
  await once(answer, 'close');
  expect(answer.writableFinished).toBe(false);
});
