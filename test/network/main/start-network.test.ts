// Starting and stopping: what is refused and with which advice, what is private, what answers whom on the one port.
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdminClient } from '../../../src/network/admin/admin-client.js';
import type { NetworkOptions } from '../../../src/network/main/network-options.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { type RunningNetwork, startNetwork } from '../../../src/network/main/start-network.js';
import { problem } from '../../../src/protocol/http.js';
import { DRAFT } from './running-network.js';

let dir: string;
const running: RunningNetwork[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'start-'));
});
afterEach(async () => {
  for (const network of running.splice(0)) await network.close();
  await rm(dir, { recursive: true });
});

const start = async (options: Partial<NetworkOptions> = {}): Promise<RunningNetwork> => {
  const network = await startNetwork(
    { dataDir: dir, port: 0, ...options },
    { logger: pino({ level: 'silent' }) },
  );
  running.push(network);
  return network;
};

test('listens on loopback and keeps everything to its owner', async () => {
  const { url, dataDir, genesis } = await start();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(dataDir).toBe(dir);
  expect(genesis).toMatch(/^sha256:/);
  for (const path of [dir, networkPaths(dir).keys]) expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(networkPaths(dir).adminSocket)).mode & 0o777).toBe(0o600);
});

test('is alive at once and ready once a configuration is published', async () => {
  const { url, publisher } = await start();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const before = await fetch(`${url}/readyz`);
  expect([before.status, await before.json()]).toEqual([503, { ready: false, reasons: ['no_config'] }]);
  await publisher.publish(DRAFT);
  const after = await fetch(`${url}/readyz`);
  expect([after.status, await after.json()]).toEqual([200, { ready: true, reasons: [] }]);
});

test('speaks OpenAI to clients and problem details to nodes, each with a request id', async () => {
  const { url } = await start();
  const client = await fetch(`${url}/v1/responses`, { method: 'POST' });
  expect([client.status, await client.json()]).toEqual([
    404,
    { error: { message: expect.any(String), type: 'not_found_error', param: null, code: 'unknown_url' } },
  ]);
  for (const path of ['/v1/nodes/none', '/v1/config/none/such', '/favicon.ico']) {
    const node = await fetch(url + path);
    expect([node.status, node.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    expect(problem.parse(await node.json())).toMatchObject({ status: 404 });
    expect(node.headers.get('x-request-id')).toMatch(/^[0-9A-Z]{26}$/);
    expect(node.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test.each([
  [{ host: '0.0.0.0' }, 'host'],
  [{ host: '192.0.2.1' }, 'host'],
  [{ name: 'Dev Net' }, 'name'],
  [{ port: 70_000 }, 'port'],
  [{ portalUrl: 'javascript:alert(1)' }, 'portalUrl'],
])('refuses the options %j by name', async (options, field) => {
  await expect(start(options)).rejects.toMatchObject({
    code: 'NETWORK_OPTIONS',
    message: expect.stringContaining(field),
    advice: expect.any(String),
  });
});

test('listens on any address when that is meant', async () => {
  const { url } = await start({ host: '0.0.0.0', allowRemote: true });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('refuses a taken port and leaves nothing running', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({
    code: 'NETWORK_LISTEN',
    message: `port ${port} of 127.0.0.1 is taken`,
    advice: expect.stringContaining('--port'),
  });
  await new Promise((resolve) => squatter.close(resolve));
  expect((await start({ port })).url).toBe(`http://127.0.0.1:${port}`);
});

test('refuses a second network on the same directory, and names the first', async () => {
  await start();
  await expect(start()).rejects.toMatchObject({
    code: 'NETWORK_RUNNING',
    message: expect.stringContaining(`process ${process.pid}`),
    advice: expect.stringContaining('--data-dir'),
  });
});

test('refuses a directory that others can enter', async () => {
  await chmod(dir, 0o755);
  await expect(start()).rejects.toMatchObject({
    code: 'NETWORK_DIRECTORY',
    advice: expect.stringContaining(`chmod 700 ${dir}`),
  });
});

test('refuses a directory that cannot be made', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  await expect(start({ dataDir: join(file, 'network') })).rejects.toMatchObject({
    code: 'NETWORK_DIRECTORY',
  });
});

test('refuses a directory whose lock cannot be opened', async () => {
  await mkdir(networkPaths(dir).lock);
  await expect(start()).rejects.toMatchObject({ code: 'NETWORK_DIRECTORY' });
});

test('refuses the directory of another network', async () => {
  await (await start()).close();
  await expect(start({ name: 'othernet' })).rejects.toMatchObject({ code: 'NETWORK_KEYS' });
  await expect(start({ chainId: 1 })).rejects.toMatchObject({ code: 'NETWORK_KEYS' });
});

test('goes on with keys, accounts, money and configuration after a restart', async () => {
  const first = await start();
  const [namespace = ''] = (await first.accounts.createAccount('acme')).namespaces;
  await first.ledger.deposit(namespace, 5n);
  const { secret } = await first.accounts.createKey(namespace);
  const { digest } = await first.publisher.publish(DRAFT);
  await first.close();
  const second = await start();
  expect(second.genesis).toBe(first.genesis);
  expect(second.accounts.authenticate(secret)).toMatchObject({ namespace });
  expect(second.ledger.balance(namespace).available).toBe(5n);
  expect(second.publisher.current()?.digest).toBe(digest);
});

test('closes once, however often it is asked, and frees port, directory and socket', async () => {
  const network = await start();
  await Promise.all([network.close(), network.close()]);
  await expect(fetch(`${network.url}/healthz`)).rejects.toThrow();
  const client = createAdminClient(networkPaths(dir).adminSocket, dir);
  await expect(client.call('status', {})).rejects.toMatchObject({ code: 'NETWORK_NOT_RUNNING' });
  await start({ port: Number(new URL(network.url).port) });
});
