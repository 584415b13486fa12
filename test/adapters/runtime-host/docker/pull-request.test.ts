// How a pull is asked for: an engine notices that nobody waits any longer only where the request has no body.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDockerClient } from '../../../../src/adapters/runtime-host/docker/docker-client.js';

const IMAGE = `registry.test:5000/engine@sha256:${'1'.repeat(64)}`;
const NEWS = '{"status":"Pulling from engine"}\n';

let home: string;
let socketPath: string;
const engine = createServer();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rn-pull-'));
  socketPath = join(home, 'docker.sock');
  engine.on('request', (request, response) => {
    if (request.url?.endsWith('/version')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' }));
    } else engine.emit('pull', request, response);
  });
  engine.listen(socketPath);
  await once(engine, 'listening');
});

afterEach(async () => {
  engine.removeAllListeners('request');
  engine.close();
  engine.closeAllConnections();
  await rm(home, { recursive: true });
});

test('names the image in the address, sends no body, and hangs up on an abort', async () => {
  const client = createDockerClient(socketPath);
  const abort = new AbortController();
  const asked = once(engine, 'pull') as Promise<[IncomingMessage, ServerResponse]>;
  const pulled = client.pullImage(IMAGE, abort.signal);
  const [request, response] = await asked;
  const left = once(response, 'close');
  response.write(NEWS);

  expect(request.method).toBe('POST');
  expect(Object.fromEntries(new URL(request.url ?? '', 'http://engine').searchParams)).toEqual({
    fromImage: 'registry.test:5000/engine',
    tag: `sha256:${'1'.repeat(64)}`,
  });
  expect(request.headers).toMatchObject({ 'content-length': '0' });
  expect(await text(request)).toBe('');

  const reason = new Error('something else is wanted');
  const read: string[] = [];
  const reading = (async () => {
    for await (const piece of await pulled) {
      read.push(String(piece));
      abort.abort(reason);
    }
  })();
  await expect(reading).rejects.toBe(reason);
  expect(read).toEqual([NEWS]);
  await left;
  client.close();
});
