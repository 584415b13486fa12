// The console's port as browsers, scrapers and strangers meet it.
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeError } from '../../../src/errors.js';
import { loadFiles } from '../../../src/pages/page-files.js';
import { RUNNING } from '../../doctor/subject.js';
import { bearer, type ConsoleRig, openConsoleRig, TOKEN, watchFeed } from './console-rig.js';

class NotFollowed extends NodeError {
  readonly code = 'ORDER_NOT_FOLLOWED';
  readonly retryable = true;
}

let rig: ConsoleRig;

beforeEach(async () => {
  rig = await openConsoleRig({
    charts: await loadFiles('statecharts', '/charts/'),
    steering: {
      order: async ({ verb }) => {
        if (verb === 'pause') throw new NotFollowed('not now', { advice: 'Later.' });
        if (verb === 'drain') throw new Error('secret of the house');
        return { stage: 'connected', before: null, order: null };
      },
      retestModel: ({ digest }) => ({ retested: digest === 'sha256:1', state: 'active' }),
      uploadReports: async () => ({ requested: true, waiting: 1, delivered: 0, failure: null }),
    },
  });
});
afterEach(() => rig.close());

const idle = { ...RUNNING, idleReason: 'no configuration yet' };

describe('without a token', () => {
  test('says that it lives, is well, is ready, and which version it is', async () => {
    expect(await (await rig.get('/livez')).json()).toEqual({ status: 'ok' });
    expect(await (await rig.get('/healthz')).json()).toEqual({
      healthy: true,
      stage: 'connected',
      runtime: 'ready',
      reason: null,
    });
    expect(await (await rig.get('/readyz')).json()).toEqual({ ready: true, stage: 'connected', reasons: [] });
    expect(await (await rig.get('/version')).json()).toEqual({
      name: 'resultity-node',
      version: '0.1.0',
      node: process.version,
    });
    expect(await (await rig.get('/metrics', { accept: 'text/plain' })).text()).toBe('for text/plain\n');
  });

  test('says why it is not ready, for each network', async () => {
    rig.status = idle;
    const one = await rig.get('/readyz');
    expect([one.status, await one.json()]).toEqual([
      503,
      { ready: false, stage: 'connected', reasons: ['no configuration yet'] },
    ]);
    const own = {
      ...RUNNING.network,
      ...RUNNING,
      hasRuntime: false,
      runtimeHolder: null,
      order: null,
      reports: RUNNING.reports,
    };
    rig.status = {
      ...idle,
      networks: [
        { ...own, name: 'one', idleReason: 'a' },
        { ...own, name: 'two', idleReason: 'b' },
      ],
    };
    expect(await (await rig.get('/readyz')).json()).toMatchObject({ reasons: ['one: a', 'two: b'] });
    rig.status = {
      ...idle,
      networks: [
        { ...own, idleReason: 'a' },
        { ...own, idleReason: null },
      ],
    };
    expect((await rig.get('/readyz')).status).toBe(200);
  });

  test('says that it is halted', async () => {
    rig.status = {
      ...RUNNING,
      stage: 'halted',
      failure: { code: 'REFUSED', message: 'm', retryable: false },
    };
    const answer = await rig.get('/healthz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { healthy: false, stage: 'halted', runtime: 'ready', reason: 'REFUSED' },
    ]);
  });

  test('serves every drawing, and says how to build a page that was not', async () => {
    const svg = await rig.get('/charts/job.svg');
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(await svg.text()).toContain('data-id="job.executing"');
    expect(await (await rig.get('/charts/node.json')).json()).toMatchObject({ name: 'node' });
    expect(await (await rig.get('/')).text()).toContain('npm run build');
    expect((await rig.get('/charts/../package.json')).status).toBe(404);
    expect((await rig.get('/charts/README.md')).status).toBe(404);
  });

  test('refuses the API, whatever comes in place of the token', async () => {
    const paths = ['/api/status', '/api/jobs'];
    const wrong = ['', 'Bearer', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, 'Bearer '];
    for (const path of paths) {
      for (const authorization of wrong) expect((await rig.get(path, { authorization })).status).toBe(401);
      expect((await rig.get(`${path}?token=${TOKEN}`)).status).toBe(401);
    }
    for (const path of ['/api/order', '/api/runtime/retry', '/api/reports/upload', '/api/models/retest']) {
      const answer = await rig.post(path, { verb: 'resume' }, {});
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: 'PAGE_TOKEN_REFUSED', retryable: false } });
    }
  });
});

describe('with the token', () => {
  test('gives the status and the jobs', async () => {
    expect(await (await rig.get('/api/status', bearer)).json()).toEqual(RUNNING);
    expect(await (await rig.get('/api/jobs?limit=5&network=devnet', bearer)).json()).toEqual({ jobs: [] });
    const wrong = await rig.get('/api/jobs?limit=many', bearer);
    expect([wrong.status, await wrong.json()]).toMatchObject([
      400,
      { error: { code: 'USAGE', retryable: false } },
    ]);
  });

  test('passes on what the owner orders', async () => {
    expect(await (await rig.post('/api/order', { verb: 'resume' })).json()).toEqual({
      stage: 'connected',
      before: null,
      order: null,
    });
    expect(await (await rig.post('/api/runtime/retry')).json()).toEqual({ retried: false, state: 'ready' });
    expect(await (await rig.post('/api/reports/upload')).json()).toMatchObject({ requested: true });
    expect(await (await rig.post('/api/models/retest', { digest: 'sha256:1' })).json()).toEqual({
      retested: true,
      state: 'active',
    });
  });

  test('says why an order is not followed, and nothing of a fault of its own', async () => {
    const refused = await rig.post('/api/order', { verb: 'pause' });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { error: { code: 'ORDER_NOT_FOLLOWED', message: 'not now', retryable: true, advice: 'Later.' } },
    ]);
    const faulty = await rig.post('/api/order', { verb: 'drain' });
    expect([faulty.status, await faulty.text()]).toEqual([500, expect.not.stringContaining('secret')]);
    expect(rig.faults).toHaveLength(1);
  });

  test.each([
    ['an unknown verb', '/api/order', { verb: 'dance' }],
    ['a field nobody knows', '/api/order', { verb: 'pause', more: 1 }],
    ['nothing', '/api/order', undefined],
    ['half of a JSON text', '/api/order', '{'],
    ['too much', '/api/order', { verb: 'pause', note: 'x'.repeat(5_000) }],
    ['another type', '/api/models/retest', { digest: 1 }],
  ])('refuses a request that is none: %s', async (_, path, body) => {
    const answer = await rig.post(path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.json()).toMatchObject({ error: { code: 'USAGE', retryable: false } });
    expect(rig.faults).toEqual([]);
  });
});

describe('other sites', () => {
  /** As a browser would write it, with a Host of our choice. */
  const raw = (lines: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(rig.server.url);
      const socket = createConnection({ host: hostname, port: Number(port) });
      let text = '';
      socket.on('data', (part) => {
        text += part;
        if (text.startsWith('HTTP/1.1 101')) socket.destroy();
      });
      socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''));
      socket.on('error', reject);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
  const upgrade = (more: readonly string[], protocols = `resultity.console.v1, token.${TOKEN}`) =>
    raw([
      'GET /api/feed HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: ${protocols}`,
      ...more,
    ]);

  test.each([
    ['a foreign Host', ['Host: evil.example'], 403],
    ['no Host', ['Host:'], 403],
    ['a Host that only begins like ours', ['Host: 127.0.0.1.evil.example'], 403],
    ['a foreign Origin', ['Host: 127.0.0.1:7540', 'Origin: http://evil.example'], 403],
    ['an Origin of another port', ['Host: 127.0.0.1:7540', 'Origin: http://127.0.0.1:80'], 403],
    ['the Origin null of a sandbox', ['Host: 127.0.0.1:7540', 'Origin: null'], 403],
    ['our own page', ['Host: 127.0.0.1:7540', 'Origin: http://127.0.0.1:7540'], 101],
    ['our own page by name', ['Host: localhost:7540', 'Origin: http://localhost:7540'], 101],
    ['a program', ['Host: [::1]:7540'], 101],
  ])('%s is answered alike at the API and the feed', async (_, headers, status) => {
    expect(await upgrade(headers)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const get = await raw(['GET /livez HTTP/1.1', 'Connection: close', ...headers]);
    expect(get).toMatch(new RegExp(`^HTTP/1.1 ${status === 101 ? 200 : 403} `));
  });

  test('the feed opens to the token alone, given as a subprotocol', async () => {
    const host = ['Host: 127.0.0.1'];
    const wrong = [
      'resultity.console.v1',
      `token.${TOKEN}`,
      `resultity.console.v1, token.${TOKEN}x`,
      'token.',
    ];
    for (const protocols of wrong) expect(await upgrade(host, protocols)).toMatch(/^HTTP\/1.1 401 /);
    expect(await upgrade([...host, `Authorization: Bearer ${TOKEN}`], 'resultity.console.v1')).toMatch(
      / 401 /,
    );
  });

  test('a name the owner allows is answered', async () => {
    await rig.close();
    rig = await openConsoleRig({ hosts: ['node'] });
    expect(await upgrade(['Host: node:7540'])).toMatch(/ 101 /);
  });

  test('no answer can be framed, sniffed, cached as another type or tell where it came from', async () => {
    const { headers } = await rig.get('/livez');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('a port that is taken is named, with what to do', async () => {
  const port = Number(new URL(rig.server.url).port);
  await expect(openConsoleRig({ port })).rejects.toMatchObject({
    code: 'CONSOLE_LISTEN',
    message: `port ${port} of 127.0.0.1 is taken`,
    advice: expect.stringContaining('--console-port'),
  });
});

test('an address of another machine is refused with advice', async () => {
  await expect(openConsoleRig({ port: 0, address: '192.0.2.1' })).rejects.toMatchObject({
    code: 'CONSOLE_LISTEN',
    advice: expect.stringContaining('--console-address'),
  });
});

test('whoever watches is told when the node ends', async () => {
  const client = await watchFeed(rig.server.url);
  await rig.server.close();
  expect(await client.closed).toBe(1001);
});
