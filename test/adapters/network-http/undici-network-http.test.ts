// The client against a real HTTP server that answers as a network would, and against one that is hostile.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkHttp } from '../../../src/adapters/network-http/network-http.js';
import {
  createNetworkHttp,
  type NetworkHttpOptions,
} from '../../../src/adapters/network-http/undici-network-http.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { encodeFrame } from '../../../src/protocol/frame.js';
import { FRAME_CONTENT_TYPE } from '../../../src/protocol/http.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { ZERO_BYTES32 } from '../../../src/protocol/primitives.js';

const NODE = '0x52908400098527886E0F7030069857D2E4169EE7';
const REPORT = '01HF7YAT00ZZZZZZZZZZZZZZZZ';
const GENESIS = digestOf('genesis');
const INFO = {
  network: 'devnet',
  chain_id: 31_337,
  genesis: GENESIS,
  protocol: [1],
  socket_url: 'ws://127.0.0.1:1/v1/socket',
  portal_url: 'http://127.0.0.1:1/',
  config: null,
  time_ms: 1,
};
const STANDING = { node: NODE, registered_ms: 1, revision: 1, standing: { state: 'pending' } };
const OFFER = { binding: REPORT, expires_ms: 5, message: 'sign this' };
const FRAME = Buffer.from('a signed frame');
const never = new AbortController().signal;

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (response: ServerResponse, seen: Seen) => void;

let server: Server;
let origin: string;
let seen: Seen | undefined;
let answer: Answer = (response) => void response.writeHead(404).end();
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      answer(response, seen);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

const client = (options: Partial<NetworkHttpOptions> = {}): NetworkHttp =>
  createNetworkHttp(origin, { agentVersion: '0.1.0', ...options });
const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(value));
const document = (body: string): { readonly bytes: Buffer; readonly digest: string } => ({
  bytes: encodeFrame({ t: 'config', n: 1, ts: 1, bd: digestOf(body) }, body),
  digest: digestOf(body),
});
const frame =
  (bytes: Buffer, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': FRAME_CONTENT_TYPE, ...headers }).end(bytes);
const problem = (status: number, headers: Record<string, string> = {}): Answer =>
  json({ title: 'Slow down', status, code: 'too_many', retry_after_ms: 1500 }, status, {
    'content-type': 'application/problem+json',
    ...headers,
  });

describe('endpoints', () => {
  const calls: readonly [string, string, Answer, (http: NetworkHttp) => Promise<unknown>, unknown][] = [
    ['GET', '/v1/network', json(INFO), (http) => http.info(never), INFO],
    [
      'POST',
      '/v1/nodes/challenge',
      json({ nonce: ZERO_BYTES32, expires_ms: 9 }),
      (http) => http.challenge(never),
      { nonce: ZERO_BYTES32, expires_ms: 9 },
    ],
    ['PUT', `/v1/nodes/${NODE}`, json(STANDING), (http) => http.register(NODE, FRAME, never), STANDING],
    [
      'POST',
      `/v1/nodes/${NODE}/standing`,
      json(STANDING),
      (http) => http.standing(NODE, FRAME, never),
      STANDING,
    ],
    [
      'POST',
      `/v1/nodes/${NODE}/binding`,
      json(OFFER),
      (http) => http.startBinding(NODE, FRAME, never),
      OFFER,
    ],
    [
      'POST',
      `/v1/nodes/${NODE}/binding`,
      json(STANDING),
      (http) => http.finishBinding(NODE, FRAME, never),
      STANDING,
    ],
    [
      'POST',
      '/v1/reports',
      json({ report: REPORT, offset: 7 }, 201),
      (http) => http.openReport(FRAME, never),
      { report: REPORT, offset: 7 },
    ],
  ];
  test.each(calls)(
    '%s %s carries the request and yields the checked answer',
    async (method, url, told, call, expected) => {
      answer = told;
      expect(await call(client())).toEqual(expected);
      expect(seen).toMatchObject({
        method,
        url,
        headers: { 'user-agent': 'resultity-node/0.1.0', 'accept-encoding': 'identity' },
      });
      const isSigned = url !== '/v1/network' && !url.endsWith('challenge');
      expect(seen?.body).toBe(isSigned ? FRAME.toString() : '');
      expect(seen?.headers['content-type']).toBe(isSigned ? FRAME_CONTENT_TYPE : undefined);
    },
  );

  test('yields the exact bytes of the trust root, up to their bound', async () => {
    const root = Buffer.from('{ "kind":  "root" }\n');
    answer = (response) => void response.end(root);
    expect(Buffer.from(await client().root(never))).toEqual(root);
    answer = (response) => void response.end(Buffer.alloc(LIMITS.rootBytes + 1));
    await expect(client().root(never)).rejects.toMatchObject({ code: 'NETWORK_MALFORMED' });
  });

  test('keeps the path of the base URL', async () => {
    answer = json(INFO);
    await createNetworkHttp(`${origin}/behind/proxy/`, { agentVersion: '0.1.0' }).info(never);
    expect(seen?.url).toBe('/behind/proxy/v1/network');
  });

  test.each(['ftp://127.0.0.1/', 'http://user:secret@127.0.0.1/'])('refuses the base URL %s', (url) => {
    expect(() => createNetworkHttp(url, { agentVersion: '0.1.0' })).toThrow(TypeError);
  });

  test.each(['../admin', '0x12', `${NODE}/../..`])('does not put the node %s into a path', async (node) => {
    seen = undefined;
    await expect(client().register(node, FRAME, never)).rejects.toThrow();
    await expect(client().sendReport(node, 0, FRAME, never)).rejects.toThrow();
    expect(seen).toBeUndefined();
  });
});

describe('the configuration', () => {
  const { bytes, digest } = document('{"version":1}');

  test('is fetched whole the first time, and not again while it is current', async () => {
    answer = (response, { headers }) =>
      headers['if-none-match'] === `"${digest}"`
        ? void response.writeHead(304, { etag: `"${digest}"` }).end()
        : frame(bytes, { etag: `"${digest}"` })(response, seen as Seen);
    expect(Buffer.from((await client().config(null, never)) as Uint8Array)).toEqual(bytes);
    expect(seen?.headers['if-none-match']).toBeUndefined();
    expect(await client().config(digest, never)).toBe('unchanged');
    expect(await client().config(GENESIS, never)).toBeInstanceOf(Uint8Array);
  });

  test.each<[string, Answer]>([
    ['has another ETag', frame(bytes, { etag: `"${GENESIS}"` })],
    ['has a weak ETag', frame(bytes, { etag: `W/"${digest}"` })],
    ['has no ETag', frame(bytes)],
    [
      'does not match its own digest',
      frame(Buffer.concat([bytes, Buffer.from(' ')]), { etag: `"${digest}"` }),
    ],
    ['is no frame', frame(Buffer.from('x'), { etag: `"${digest}"` })],
    [
      'is too large',
      frame(Buffer.alloc(LIMITS.configBytes + LIMITS.headerBytes + 2), { etag: `"${digest}"` }),
    ],
    ['is of another type', json({}, 200, { etag: `"${digest}"` })],
  ])('is refused when it %s', async (_what, told) => {
    answer = told;
    await expect(client().config(null, never)).rejects.toMatchObject({ code: 'NETWORK_MALFORMED' });
  });

  test('cannot be unchanged where none is held', async () => {
    answer = (response) => void response.writeHead(304).end();
    await expect(client().config(null, never)).rejects.toMatchObject({
      code: 'NETWORK_REFUSED',
      status: 304,
    });
  });
});

describe('a piece of a report', () => {
  const send = (piece = Buffer.from('lines')) => client().sendReport(REPORT, 42, piece, never);

  test('goes out with its offset and is answered with the next one', async () => {
    answer = json({ report: REPORT, offset: 47 });
    expect(await send()).toEqual({ report: REPORT, offset: 47 });
    expect(seen).toMatchObject({
      method: 'PATCH',
      url: `/v1/reports/${REPORT}`,
      body: 'lines',
      headers: { 'content-type': 'application/octet-stream', 'upload-offset': '42', 'content-length': '5' },
    });
  });

  test('is answered with the receipt document at the end, also when it is empty', async () => {
    const { bytes } = document('{"receipt":1}');
    answer = frame(bytes);
    expect(Buffer.from((await send(Buffer.alloc(0))) as Uint8Array)).toEqual(bytes);
    expect(seen?.headers['content-length']).toBe('0');
  });

  test('learns the offset the network holds from a 409', async () => {
    answer = json({ report: REPORT, offset: 10 }, 409);
    expect(await send()).toEqual({ report: REPORT, offset: 10 });
    answer = problem(409);
    await expect(send()).rejects.toMatchObject({ code: 'NETWORK_REFUSED', status: 409, retryable: false });
  });

  test('does not take an answer about another report', async () => {
    answer = json({ report: REPORT.replace('Z', 'Y'), offset: 47 });
    await expect(send()).rejects.toMatchObject({ code: 'NETWORK_MALFORMED' });
  });
});

describe('a refusal', () => {
  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [408, true],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])('with status %i keeps the words of the network; worth another try: %s', async (status, retryable) => {
    answer = problem(status);
    await expect(client().info(never)).rejects.toMatchObject({
      code: 'NETWORK_REFUSED',
      status,
      retryable,
      retryAfterMs: 1500,
      message: expect.stringContaining('too_many'),
      details: { status, retryAfterMs: 1500, problem: { code: 'too_many', title: 'Slow down' } },
    });
  });

  test('for a clock that is off may be tried again once it is set, and says how', async () => {
    answer = json({ title: 'Unauthorized', status: 401, code: 'clock_skew', detail: 'off by 90 s' }, 401, {
      'content-type': 'application/problem+json',
    });
    await expect(client().register(NODE, FRAME, never)).rejects.toMatchObject({
      code: 'CLOCK_SKEW',
      retryable: true,
      message: expect.stringContaining('off by 90 s'),
      advice: expect.stringContaining('set-ntp'),
    });
  });

  test.each([
    ['7', 7000],
    ['999999999', 3_600_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('reads Retry-After %j where there is no problem body', async (header, expected) => {
    answer = (response) =>
      void response
        .writeHead(503, { 'retry-after': header, 'content-type': 'text/html' })
        .end('<h1>busy</h1>');
    await expect(client().info(never)).rejects.toMatchObject({
      code: 'NETWORK_REFUSED',
      retryAfterMs: expected,
      problem: undefined,
      retryable: true,
    });
  });

  test('is what a redirect is taken for; it is not followed', async () => {
    let visits = 0;
    answer = (response) => {
      visits++;
      response.writeHead(307, { location: `${origin}/elsewhere` }).end();
    };
    await expect(client().register(NODE, FRAME, never)).rejects.toMatchObject({
      code: 'NETWORK_REFUSED',
      status: 307,
      retryable: false,
      advice: expect.any(String),
    });
    expect(visits).toBe(1);
  });
});

describe('a hostile answer', () => {
  test.each<[string, Answer]>([
    [
      'of another type',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
    ],
    ['without a type', (response) => void response.end(JSON.stringify(INFO))],
    [
      'that is not JSON',
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
    ],
    ['of another shape', json({ ...INFO, chain_id: 'one' })],
    [
      'nested too deep',
      (response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(60_000)),
    ],
    [
      'announcing too much',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': 1e9 })
          .write('{'),
    ],
    [
      'without end',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => void (response.destroyed || response.write(' '.repeat(65_536), more));
        more();
      },
    ],
    [
      'that is packed',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end('x'),
    ],
    [
      'with endless headers',
      (response) => void response.writeHead(200, { 'x-much': 'y'.repeat(20_000) }).end(),
    ],
  ])('%s is malformed', async (_what, told) => {
    answer = told;
    await expect(client().info(never)).rejects.toMatchObject({ code: 'NETWORK_MALFORMED', retryable: true });
  });

  test('about another node is malformed', async () => {
    answer = json({ ...STANDING, node: `0x${'11'.repeat(20)}` });
    await expect(client().register(NODE, FRAME, never)).rejects.toMatchObject({ code: 'NETWORK_MALFORMED' });
  });

  test('never quotes what it was', async () => {
    answer = json({ ...INFO, network: 'canary-3f1c CANARY' });
    const error = await client()
      .info(never)
      .catch((caught: unknown) => caught);
    expect(String(error)).not.toContain('CANARY');
  });

  test('that is no HTTP is malformed', async () => {
    const sockets: Socket[] = [];
    const tcp = createTcpServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n');
    });
    await new Promise<void>((resolve) => void tcp.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
    await expect(createNetworkHttp(url, { agentVersion: '1' }).info(never)).rejects.toMatchObject({
      code: 'NETWORK_MALFORMED',
      advice: expect.any(String),
    });
    tcp.close();
    for (const socket of sockets) socket.destroy();
  });
});

describe('no whole answer', () => {
  test.each<[string, Answer]>([
    ['a broken connection', (response) => response.destroy()],
    [
      'a body cut short',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
        response.write('{', () => response.destroy());
      },
    ],
  ])('after %s is worth another try', async (_what, told) => {
    answer = told;
    await expect(client().info(never)).rejects.toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      retryable: true,
      details: { reason: expect.any(String) },
    });
  });

  test('when nobody listens', async () => {
    const nobody = createNetworkHttp('http://127.0.0.1:1', { agentVersion: '0.1.0' });
    await expect(nobody.info(never)).rejects.toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      details: { reason: 'ECONNREFUSED' },
    });
  });

  test('when the headers do not come in time', async () => {
    answer = () => {};
    await expect(client({ headersMs: 50 }).info(never)).rejects.toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      details: { reason: 'UND_ERR_HEADERS_TIMEOUT' },
    });
  });

  test('when the body drips: the time is for all of it', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = (): void => void (response.destroyed || response.write(' ', () => setTimeout(drip, 10)));
      drip();
    };
    await expect(client({ bodyMs: 100 }).info(never)).rejects.toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      details: { reason: 'UND_ERR_BODY_TIMEOUT' },
    });
  });

  test('after an abort, before or during the call, throws the reason of the signal', async () => {
    const stop = new AbortController();
    answer = () => stop.abort(new Error('the node stops'));
    await expect(client().info(stop.signal)).rejects.toThrow('the node stops');
    await expect(client().info(stop.signal)).rejects.toThrow('the node stops');
  });
});
