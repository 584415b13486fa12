// The operator's socket: who may use it, what passes, how errors come back.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdminClient } from '../../../src/network/admin/admin-client.js';
import { startAdminServer } from '../../../src/network/admin/admin-server.js';
import { DIGEST, fakeHandlers, JOB } from './fake-handlers.js';

const logger = pino({ level: 'silent' });
let dir: string;
let path: string;
let close: () => Promise<void>;
let fake: ReturnType<typeof fakeHandlers>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'admin-'));
  path = join(dir, 'admin.sock');
  fake = fakeHandlers();
  close = await startAdminServer(path, fake.handlers, logger);
});
afterEach(async () => {
  await close();
  await rm(dir, { recursive: true });
});

test('answers on a socket that only its owner can open', async () => {
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const client = createAdminClient(path, dir);
  expect(await client.call('status', {})).toMatchObject({ genesis: DIGEST, nodes: { online: 1 } });
});

test('fills in the defaults of what is asked', async () => {
  await createAdminClient(path, dir).call('jobs', {});
  expect(fake.asked.limits).toEqual([50]);
});

test('lets nothing out that the table does not name', async () => {
  const { status } = fake.handlers;
  await close();
  const leaky = { ...fake.handlers, status: async () => ({ ...(await status({})), private_key: '0xdead' }) };
  close = await startAdminServer(path, leaky, logger);
  expect(JSON.stringify(await createAdminClient(path, dir).call('status', {}))).not.toContain('dead');
});

test('gives errors back with their code and advice', async () => {
  await expect(
    createAdminClient(path, dir).call('keys.create', { namespace: 'nobody' }),
  ).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'no namespace nobody',
    advice: 'Make one.',
    retryable: false,
  });
});

test('refuses input that the table does not allow', async () => {
  const client = createAdminClient(path, dir);
  for (const amount of ['0', '-5', '1.5', 'all']) {
    await expect(client.call('deposit', { namespace: 'acme', amount })).rejects.toMatchObject({
      code: 'ADMIN_INPUT',
    });
  }
  await expect(client.call('ledger', { limit: 1, job: JOB.toLowerCase() })).rejects.toMatchObject({
    code: 'ADMIN_INPUT',
  });
  expect(fake.asked.deposits).toEqual([]);
});

test('says that no network runs, with what to do', async () => {
  await close();
  await expect(createAdminClient(path, dir).call('status', {})).rejects.toMatchObject({
    code: 'NETWORK_NOT_RUNNING',
    advice: expect.stringContaining('network start'),
  });
});

test('takes the place of a socket that a killed network left', async () => {
  await close();
  await writeFile(path, '');
  close = await startAdminServer(path, fake.handlers, logger);
  expect(await createAdminClient(path, dir).call('keys.revoke', { key: 'k' })).toMatchObject({ key: 'k' });
});

test('refuses a path that is too long for a socket', async () => {
  const long = join(dir, 'x'.repeat(100), 'admin.sock');
  await expect(startAdminServer(long, fake.handlers, logger)).rejects.toMatchObject({ code: 'ADMIN_SOCKET' });
});

test('does not take another program for the network', async () => {
  const other = join(dir, 'other.sock');
  const server = createServer((socket) => {
    socket.resume();
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi');
  });
  await new Promise<void>((resolve) => server.listen(other, resolve));
  await expect(createAdminClient(other, dir).call('status', {})).rejects.toMatchObject({
    code: 'ADMIN_ANSWER',
  });
  await new Promise((resolve) => server.close(resolve));
});

test('answers 404 to an unknown verb', async () => {
  const status = await new Promise((resolve, reject) => {
    request({ socketPath: path, path: '/reboot', method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(404);
});
