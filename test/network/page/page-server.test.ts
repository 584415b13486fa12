// The page's port at its HTTP boundary, on a whole running network: who gets in, what each verb answers, what is refused.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createAdminClient } from '../../../src/network/admin/admin-client.js';
import { ADMIN_VERBS, type AdminVerb } from '../../../src/network/admin/admin-verbs.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { readPageToken } from '../../../src/pages/page-token.js';
import { chatAnswer } from '../io/scripted-node.js';
import { DRAFT, NetworkInDirectory } from '../main/running-network.js';

let rig: NetworkInDirectory;
let token: string;
let url: string;
beforeEach(async () => {
  rig = await NetworkInDirectory.start();
  token = await readPageToken(networkPaths(rig.dir).pageToken);
  url = rig.network.pageUrl ?? '';
});
afterEach(() => rig.stop());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: each test looks at another answer
  readonly body: any;
}

/** `fetch` sets Host and Origin itself; this says what it is told. */
const ask = (
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const asked = request(
      new URL(path, url),
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        agent: false,
      },
      (answer) => {
        let said = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (said += part));
        answer.on('end', () => {
          const isJson = answer.headers['content-type']?.includes('json') === true;
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: isJson ? JSON.parse(said) : said,
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });

const call = async (verb: AdminVerb, input: object = {}) => {
  const { status, body } = await ask(`/api/${verb}`, input);
  expect([status, body.error]).toEqual([200, undefined]);
  return body;
};

test('listens on loopback beside the network, and the network’s own port knows nothing of it', async () => {
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(new URL(url).port).not.toBe(new URL(rig.network.url).port);
  for (const path of ['/', '/api/status']) {
    const authorization = `Bearer ${token}`;
    const answer = await fetch(rig.network.url + path, { method: 'POST', headers: { authorization } });
    expect(answer.status).toBe(404);
  }
  expect((await ask('/')).status).toBe(200);
});

const NODE = `0x${'9'.repeat(40)}`;
const JOB = '01JD3Q9V6Y5T0M8K2N4P6R8S0W';

/** One input for each verb, and what it gives on a network with one account and no nodes. */
const EVERY_VERB: Record<AdminVerb, { readonly input: object; readonly gives: [number, object] }> = {
  status: { input: {}, gives: [200, { name: 'devnet', now_ms: expect.any(Number) }] },
  nodes: { input: { limit: 10 }, gives: [200, { nodes: [], next: null }] },
  'nodes.order': { input: { node: NODE, verb: 'drain' }, gives: [422, { error: { code: 'NOT_FOUND' } }] },
  jobs: { input: { limit: 10, state: 'open' }, gives: [200, { jobs: [], next: null }] },
  ledger: { input: {}, gives: [200, { entries: [], next: null }] },
  'accounts.create': { input: { name: 'other' }, gives: [200, { name: 'other' }] },
  'accounts.list': { input: {}, gives: [200, { accounts: [{ name: 'acme' }] }] },
  deposit: { input: { namespace: 'acme/default', amount: '5' }, gives: [200, { available: '5' }] },
  'keys.create': { input: { namespace: 'acme/default' }, gives: [200, { secret: expect.any(String) }] },
  'keys.list': { input: {}, gives: [200, { keys: [] }] },
  'keys.revoke': { input: { key: 'rk-none' }, gives: [422, { error: { code: 'UNKNOWN_KEY' } }] },
  'config.show': { input: {}, gives: [200, { config: null }] },
  'config.draft': { input: {}, gives: [200, { version: null, draft: '' }] },
  'config.check': { input: { draft: 'x' }, gives: [200, { faults: [{ field: '' }], changes: [] }] },
  'config.publish': { input: { draft: 'x' }, gives: [422, { error: { code: 'CONFIG_DRAFT' } }] },
  'receipts.show': { input: { job: JOB }, gives: [422, { error: { code: 'NOT_FOUND' } }] },
  'page.show': { input: {}, gives: [200, { reason: null }] },
};

test.each(Object.keys(ADMIN_VERBS) as AdminVerb[])(
  '%s answers who has the token, and nobody else',
  async (verb) => {
    await rig.network.accounts.createAccount('acme');
    const path = `/api/${verb}`;
    const { input, gives } = EVERY_VERB[verb];
    const authorization = `Bearer ${token}`;
    const strangers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { authorization, origin: 'http://evil.example' },
      { authorization, origin: rig.network.url },
      { authorization, origin: 'null' },
      { authorization, host: 'evil.example' },
      { authorization, host: `rebound.example:${new URL(url).port}` },
    ];
    for (const headers of strangers) {
      const { status, body } = await ask(path, input, headers);
      expect([401, 403]).toContain(status);
      expect(body).toEqual({
        error: {
          code: expect.stringMatching(/^PAGE_/),
          message: expect.any(String),
          retryable: false,
          advice: expect.any(String),
        },
      });
    }
    expect(rig.network.ledger.entries()).toEqual([]);
    const { status, headers, body } = await ask(path, input, { authorization, origin: new URL(url).origin });
    expect([status, body]).toMatchObject(gives);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  },
);

test.each([
  ['deposit', { namespace: 'acme/default', amount: '-1' }, 400],
  ['jobs', { limit: 100_000 }, 400],
  ['jobs', { limit: 1, sort: 'up' }, 400],
  ['nodes.order', { node: NODE, verb: 'reboot' }, 400],
  ['accounts.create', '{"name":', 400],
  ['config.check', { draft: 'x'.repeat(1024 * 1024 + 1) }, 400],
  ['config.check', `{"draft":"${'x'.repeat(3 * 1024 * 1024)}"}`, 413],
])('%s refuses input that makes no sense', async (verb, input, status) => {
  const refused = await ask(`/api/${verb}`, input);
  expect([refused.status, refused.body.error]).toMatchObject([
    status,
    { code: 'ADMIN_INPUT', retryable: false },
  ]);
});

test('what is not there is not found, in JSON', async () => {
  for (const path of ['/api/reboot', '/favicon.ico', '/api/', '/../page.token']) {
    expect([(await ask(path, {})).status, (await ask(path)).status]).toEqual([404, 404]);
  }
});

test('the playground’s API takes API keys and not the token, and no other site’s requests', async () => {
  await rig.network.publisher.publish(DRAFT);
  const [{ secret, namespace }, node] = [await rig.client(), await rig.worker()];
  const bearer = { authorization: `Bearer ${secret}` };
  expect((await ask('/v1/models', undefined, bearer)).body.data).toMatchObject([
    { id: 'tiny', available: true },
  ]);
  expect((await ask('/v1/models')).status).toBe(401);
  expect((await ask('/api/status', {}, bearer)).status).toBe(401);
  for (const foreign of [{ origin: 'http://evil.example' }, { host: 'evil.example' }]) {
    expect((await ask('/v1/models', undefined, { ...bearer, ...foreign })).status).toBe(403);
  }
  const openai = new OpenAI({ apiKey: secret, baseURL: `${url}v1`, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const asked = openai.chat.completions.create({ model: 'tiny', messages, max_tokens: 16 });
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.finish(offer, chatAnswer('Hi'));
  expect((await asked).choices[0]?.message.content).toBe('Hi');
  expect((await call('jobs')).jobs).toMatchObject([{ namespace, state: 'completed' }]);
});

test('shows a node’s session and why it is offered nothing', async () => {
  await rig.network.publisher.publish(DRAFT);
  const node = await rig.worker();
  const shown = async () => (await call('nodes')).nodes[0];
  expect(await shown()).toMatchObject({ node: node.address, online: true, out_of_rotation: [] });
  await node.heartbeat({ credit_limit: 4, prefs: { draining: true, paused: false } });
  expect(await shown()).toMatchObject({
    out_of_rotation: ['draining'],
    session: {
      config: { version: 1 },
      slots: { total: expect.any(Number) },
      runtime: { state: expect.any(String) },
      heartbeat_ms: expect.any(Number),
    },
  });
  const { version } = await rig.network.publisher.publish({
    ...DRAFT,
    runtimes: [{ engine: 'simulator', max_concurrent: 2 }],
  });
  expect(version).toBe(2);
  expect((await shown()).out_of_rotation).toEqual(['draining', 'other_config']);
  await node.cut();
  await expect.poll(shown).toMatchObject({ online: false, out_of_rotation: ['offline'], session: null });
});

test('reads nodes, accounts, keys and entries in pages that miss nothing and repeat nothing', async () => {
  const { accounts, ledger } = rig.network;
  for (const n of [2, 3, 4]) await rig.worker(n);
  for (const name of ['a', 'b', 'c']) {
    await accounts.createAccount(name);
    await accounts.createKey(`${name}/default`);
    await ledger.deposit(`${name}/default`, 7n);
  }
  const read = async (verb: AdminVerb, list: string, cursor: 'after' | 'before', id: string) => {
    const ids: string[] = [];
    let pages = 0;
    for (let at: string | null = ''; at !== null; pages++) {
      const body: Record<string, never> & { next: string | null } = await call(verb, {
        limit: 2,
        ...(at !== '' && { [cursor]: at }),
      });
      ids.push(...(body[list] ?? ([] as never[])).map((row: Record<string, string>) => row[id] ?? ''));
      at = body.next;
    }
    return { ids, pages };
  };
  const whole = {
    nodes: rig.network.registry.list().map(({ node }) => node),
    accounts: accounts.accounts().map(({ account }) => account),
    keys: accounts.listKeys().map(({ keyId }) => keyId),
  };
  expect(await read('nodes', 'nodes', 'after', 'node')).toEqual({ ids: whole.nodes, pages: 2 });
  expect(await read('accounts.list', 'accounts', 'after', 'account')).toEqual({
    ids: whole.accounts,
    pages: 2,
  });
  expect(await read('keys.list', 'keys', 'after', 'key')).toEqual({ ids: whole.keys, pages: 2 });
  const entries = await read('ledger', 'entries', 'before', 'id');
  expect(entries.pages).toBe(2);
  expect(entries.ids.toSorted()).toEqual(ledger.entries().map(({ id }) => id));
});

test('judges a draft, shows what it changes, and publishes only over the version its author saw', async () => {
  await rig.network.publisher.publish(DRAFT);
  const { draft, version } = await call('config.draft');
  expect(version).toBe(1);
  expect(await call('config.check', { draft })).toEqual({
    faults: [],
    changes: [],
    has_more: false,
    version: 1,
  });
  const next = stringify({ ...DRAFT, jobs: { ...DRAFT.jobs, queue_max: 8 } });
  expect((await call('config.check', { draft: next })).changes).toEqual([
    { field: 'jobs.queue_max', before: '4', after: '8' },
  ]);
  const faulty = await call('config.check', { draft: `${next}\nsurprise: 1\n` });
  expect(faulty).toMatchObject({
    faults: [{ field: 'surprise', reason: 'there is no such field' }],
    changes: [],
  });
  const late = await ask('/api/config.publish', { draft: next, replaces: 0 });
  expect([late.status, late.body.error]).toMatchObject([
    422,
    { code: 'CONFIG_REPLACED', advice: expect.any(String) },
  ]);
  expect(await call('config.publish', { draft: next, replaces: 1 })).toMatchObject({ version: 2 });
  expect(rig.network.publisher.current()?.snapshot.jobs.queue_max).toBe(8);
});

test('a page whose port is taken is told, and the network runs without it', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as AddressInfo;
  const other = await NetworkInDirectory.start({ pagePort: port });
  try {
    expect(other.network.pageUrl).toBeNull();
    expect((await fetch(`${other.network.url}/healthz`)).status).toBe(200);
    const admin = createAdminClient(networkPaths(other.dir).adminSocket, other.dir);
    expect(await admin.call('page.show', {})).toEqual({
      url: null,
      reason: `port ${port} of 127.0.0.1 is taken`,
      advice: expect.stringContaining('--page-port'),
    });
  } finally {
    await other.stop();
    await new Promise((resolve) => squatter.close(resolve));
  }
});

test('keeps its token over restarts, and none is served when there shall be no page', async () => {
  await rig.restart();
  expect(await readPageToken(networkPaths(rig.dir).pageToken)).toBe(token);
  url = rig.network.pageUrl ?? '';
  expect(await call('status')).toMatchObject({ name: 'devnet' });
  const without = await NetworkInDirectory.start({ pagePort: null });
  expect(without.network.pageUrl).toBeNull();
  await without.stop();
});
