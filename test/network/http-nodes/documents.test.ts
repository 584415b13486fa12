import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../../src/protocol/digest.js';
import { networkInfo, problem } from '../../../src/protocol/http.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { verifyDocument } from '../../../src/protocol/signed-document.js';
import { readTrustRoot } from '../../../src/protocol/trust-root.js';
import { goodDraft } from '../publishing/draft.js';
import { type HttpRig, NOW, PORTAL, startHttpRig } from './http-rig.js';

let rig: HttpRig;
beforeEach(async () => {
  rig = await startHttpRig();
});
afterEach(() => rig.close());

test('shows the network: who it is, where to dial, what is in force, what time it is', async () => {
  const before = await rig.call('GET', '/v1/network');
  expect(networkInfo.parse(before.json())).toEqual({
    network: 'devnet',
    chain_id: 31337,
    genesis: rig.keys.network.genesis,
    protocol: [1],
    socket_url: 'ws://127.0.0.1:1/v1/nodes/ws',
    portal_url: PORTAL,
    config: null,
    time_ms: NOW,
  });
  const { version, digest } = await rig.publisher.publish(goodDraft);
  const after = await rig.call('GET', '/v1/network');
  expect(networkInfo.parse(after.json()).config).toEqual({ version, digest });
});

test('serves the exact bytes of the trust root', async () => {
  const { bytes, headers } = await rig.call('GET', '/v1/root/1');
  expect(readTrustRoot(bytes, rig.keys.network.genesis).network).toEqual(rig.keys.network);
  expect(headers.get('cache-control')).toContain('immutable');
  expect((await rig.call('GET', '/v1/root/2')).status).toBe(404);
});

test('serves the configuration in force as a signed document, once per holder', async () => {
  const none = await rig.call('GET', '/v1/config');
  expect(none.problem()).toMatchObject({ status: 404, code: 'unknown_config' });
  const { digest, document } = await rig.publisher.publish(goodDraft);
  const got = await rig.call('GET', '/v1/config');
  expect(got.headers.get('etag')).toBe(`"${digest}"`);
  expect(got.headers.get('content-type')).toBe('application/vnd.resultity.frame');
  expect(got.bytes.equals(Buffer.from(document))).toBe(true);
  const expected = { kind: 'config', role: 'config', maxBytes: LIMITS.configBytes } as const;
  const { body } = verifyDocument(got.bytes, rig.keys.network, rig.keys.root, expected);
  expect(digestOf(body)).toBe(digest);
  for (const held of [`"${digest}"`, `W/"${digest}"`, `"other", "${digest}"`, '*']) {
    const again = await rig.call('GET', '/v1/config', undefined, { 'if-none-match': held });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  }
  const older = await rig.call('GET', '/v1/config', undefined, {
    'if-none-match': `"sha256:${'0'.repeat(64)}"`,
  });
  expect(older.status).toBe(200);
  expect((await rig.call('HEAD', '/v1/config')).headers.get('etag')).toBe(`"${digest}"`);
});

test('serves a replaced configuration under its digest for ever', async () => {
  const first = await rig.publisher.publish(goodDraft);
  const second = await rig.publisher.publish(goodDraft);
  const got = await rig.call('GET', `/v1/config/${first.digest}`);
  expect(got.bytes.equals(Buffer.from(first.document))).toBe(true);
  expect(got.headers.get('cache-control')).toContain('immutable');
  expect((await rig.call('GET', '/v1/config')).headers.get('etag')).toBe(`"${second.digest}"`);
  const unknown = await rig.call('GET', `/v1/config/sha256:${'0'.repeat(64)}`);
  expect([unknown.status, problem.parse(unknown.json()).code]).toEqual([404, 'unknown_config']);
  expect((await rig.call('GET', '/v1/config/nonsense')).status).toBe(404);
});
