// What a page's port answers to whom: its own files to this machine, nothing to another site.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPageFiles, type PageFiles } from '../../src/pages/page-files.js';
import { tokenCheck } from '../../src/pages/page-token.js';
import { bearerGuard, guardPage, servePageFiles } from '../../src/pages/serve-page.js';

const HOST = '127.0.0.1:7531';
const TOKEN = 'a'.repeat(43);
const SCRIPT = 'export const words = "the same again and again";\n'.repeat(50);
let directory: string;
let app: FastifyInstance;

const open = async (files: PageFiles | undefined): Promise<FastifyInstance> => {
  const made = fastify();
  await guardPage(made, ['node.example']);
  servePageFiles(made, files);
  made.get('/api', { onRequest: bearerGuard(tokenCheck(TOKEN)) }, async () => ({ secret: true }));
  return made;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'page-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(directory, 'assets', 'main.js'), SCRIPT);
  await writeFile(join(directory, 'assets', 'notes.map'), 'not for strangers');
  app = await open(await loadPageFiles(directory));
});
afterEach(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { host: HOST, ...headers } });

test('serves the files of the page and nothing beside them', async () => {
  const index = await get('/');
  expect([index.statusCode, index.headers['content-type'], index.body]).toEqual([
    200,
    'text/html; charset=utf-8',
    '<!doctype html><title>page</title>',
  ]);
  for (const path of ['/assets/notes.map', '/index.html', '/../package.json', '/assets/%2e%2e/main.js']) {
    expect((await get(path)).statusCode).toBe(404);
  }
});

test('packs what gets shorter for those who take it, and sends nothing twice', async () => {
  const plain = await get('/assets/main.js');
  expect(plain.body).toBe(SCRIPT);
  expect(plain.headers['content-encoding']).toBeUndefined();
  const packed = await get('/assets/main.js', { 'accept-encoding': 'br, gzip;q=0.8' });
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(gunzipSync(packed.rawPayload).toString()).toBe(SCRIPT);
  expect((await get('/assets/main.js', { 'accept-encoding': 'gzip;q=0' })).body).toBe(SCRIPT);
  const { etag } = plain.headers;
  const again = await get('/assets/main.js', { 'if-none-match': String(etag) });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

test('tells a browser to load nothing from elsewhere and to show the page in no frame', async () => {
  const { headers } = await get('/');
  expect(headers['content-security-policy']).toBe(
    "default-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none';object-src 'none'",
  );
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cache-control': 'no-cache',
  });
});

test.each(['127.0.0.1', 'localhost:1', '[::1]:7531', 'LOCALHOST:7531', 'node.example:80'])(
  'is served under the name %s',
  async (host) => {
    expect((await get('/', { host })).statusCode).toBe(200);
  },
);

test.each([
  'evil.example',
  '127.0.0.1.evil.example:7531',
  '192.0.2.1:7531',
  ':7531',
  'a@127.0.0.1',
  '127.0.0.1:x',
])('is not served under the name %j', async (host) => {
  for (const url of ['/', '/api', '/assets/main.js']) {
    const refused = await get(url, { host, authorization: `Bearer ${TOKEN}` });
    expect([refused.statusCode, refused.json()]).toEqual([
      403,
      { error: expect.objectContaining({ code: 'PAGE_REFUSED', advice: expect.any(String) }) },
    ]);
  }
});

test('answers its own origin and no other one', async () => {
  const authorization = `Bearer ${TOKEN}`;
  for (const origin of [`http://${HOST}`, `https://${HOST}`]) {
    expect((await get('/api', { authorization, origin })).json()).toEqual({ secret: true });
  }
  for (const origin of [
    'http://evil.example',
    'null',
    'http://127.0.0.1:7530',
    `http://${HOST}.evil.example`,
  ]) {
    expect((await get('/api', { authorization, origin })).statusCode).toBe(403);
  }
});

test.each([undefined, 'Bearer', `Basic ${TOKEN}`, `Bearer ${TOKEN}a`, `Bearer ${TOKEN.slice(1)}`, TOKEN])(
  'opens its API to the token alone, not to %j',
  async (authorization) => {
    const refused = await get('/api', authorization === undefined ? {} : { authorization });
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({ error: { code: 'PAGE_TOKEN_REFUSED', retryable: false } });
  },
);

test('a page that was not built says how to build it', async () => {
  expect(await loadPageFiles(join(directory, 'none'))).toBeUndefined();
  expect(await loadPageFiles(join(directory, 'assets'))).toBeUndefined();
  await app.close();
  app = await open(undefined);
  expect((await get('/')).body).toContain('npm run build');
});
