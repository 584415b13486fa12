import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindOffer, challenge, nodeStanding } from '../../../src/protocol/http.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { type HttpRig, NOW, startHttpRig, type TestNode } from './http-rig.js';

const wallet = createSigner(`0x${'3'.repeat(64)}`);
let rig: HttpRig;
beforeEach(async () => {
  rig = await startHttpRig();
});
afterEach(() => rig.close());

const put = (node: TestNode, frame: Uint8Array, path = node.id) =>
  rig.call('PUT', `/v1/nodes/${path}`, frame);
const refusal = async (answer: ReturnType<HttpRig['call']>) => {
  const { status, headers, problem } = await answer;
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problem().status).toBe(status);
  return [status, problem().code];
};

test('gives out a different challenge each time, good for a minute', async () => {
  const answers = await Promise.all([1, 2].map(() => rig.call('POST', '/v1/nodes/challenge')));
  const nonces = answers.map((answer) => challenge.parse(answer.json()));
  expect(nonces.map(({ expires_ms }) => expires_ms)).toEqual([NOW + 60_000, NOW + 60_000]);
  expect(nonces[0]?.nonce).not.toBe(nonces[1]?.nonce);
});

test('registers a node, says 200 to the same again, and raises the revision for a change', async () => {
  const first = await rig.register(rig.one);
  expect(first.status).toBe(201);
  expect(nodeStanding.parse(first.json())).toEqual({
    node: rig.one.id,
    registered_ms: NOW,
    revision: 1,
    standing: { state: 'pending', code: 'unbound', text: 'No owner has claimed this node yet.' },
  });
  rig.nowMs += 1000;
  const again = await rig.register(rig.one);
  expect([again.status, nodeStanding.parse(again.json()).revision]).toEqual([200, 1]);
  const changed = { ...rig.one.registration(await rig.nonce()), agent_version: '2.0.0' };
  const third = await put(rig.one, rig.one.sign('register', changed));
  expect(nodeStanding.parse(third.json())).toMatchObject({ revision: 2, registered_ms: NOW });
});

test('takes a path in lower case for the same node', async () => {
  const frame = rig.one.sign('register', rig.one.registration(await rig.nonce()));
  expect((await put(rig.one, frame, rig.one.id.toLowerCase())).status).toBe(201);
  expect(rig.registry.list().map(({ node }) => node)).toEqual([rig.one.id]);
});

test('takes a signed request once', async () => {
  const frame = rig.one.sign('register', rig.one.registration(await rig.nonce()));
  expect((await put(rig.one, frame)).status).toBe(201);
  expect(await refusal(put(rig.one, frame))).toEqual([401, 'challenge_refused']);
});

test('takes one of many copies that arrive at once', async () => {
  const frame = rig.one.sign('register', rig.one.registration(await rig.nonce()));
  const answers = await Promise.all(Array.from({ length: 8 }, () => put(rig.one, frame)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(401)]);
});

test('refuses a challenge that is over, foreign, or altered', async () => {
  const nonce = await rig.nonce();
  const altered = `${nonce.slice(0, -1)}${nonce.endsWith('0') ? '1' : '0'}`;
  for (const bad of [`0x${'0'.repeat(64)}`, altered]) {
    expect(await refusal(put(rig.one, rig.one.sign('register', rig.one.registration(bad))))).toEqual([
      401,
      'challenge_refused',
    ]);
  }
  rig.nowMs += 60_000;
  const late = rig.one.sign('register', rig.one.registration(nonce));
  expect(await refusal(put(rig.one, late))).toEqual([401, 'challenge_refused']);
  expect(rig.registry.list()).toEqual([]);
});

test('lets no stranger use up a challenge: the signature is checked first', async () => {
  const nonce = await rig.nonce();
  const frame = rig.one.sign('register', rig.one.registration(nonce));
  const forged = rig.two.sign('register', rig.one.registration(nonce));
  expect(await refusal(put(rig.one, forged))).toEqual([401, 'signature_invalid']);
  expect((await put(rig.one, frame)).status).toBe(201);
});

test('refuses a signature for another network', async () => {
  const body = rig.one.registration(await rig.nonce());
  const { network } = rig.keys;
  for (const other of [
    { ...network, name: 'testnet' },
    { ...network, chainId: 1 },
    { ...network, genesis: `sha256:${'0'.repeat(64)}` },
  ]) {
    expect(await refusal(put(rig.one, rig.one.sign('register', body, { network: other })))).toEqual([
      401,
      'signature_invalid',
    ]);
  }
});

test('refuses a swapped body, a swapped kind, and a swapped time', async () => {
  const nonce = await rig.nonce();
  const frame = rig.one.sign('register', rig.one.registration(nonce));
  const end = frame.indexOf('\n');
  const header = JSON.parse(frame.subarray(0, end).toString());
  const body = frame.subarray(end + 1);
  const join = (head: object, rest: Uint8Array) =>
    Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), rest]);
  const otherBody = Buffer.from(body.toString().replace('1.0.0', '9.9.9'));
  expect(await refusal(put(rig.one, join(header, otherBody)))).toEqual([400, 'digest_mismatch']);
  const redigested = rig.two.sign('register', JSON.parse(otherBody.toString()));
  const { bd } = JSON.parse(redigested.subarray(0, redigested.indexOf('\n')).toString());
  expect(await refusal(put(rig.one, join({ ...header, bd }, otherBody)))).toEqual([401, 'signature_invalid']);
  expect(await refusal(put(rig.one, join({ ...header, ts: header.ts + 1 }, body)))).toEqual([
    401,
    'signature_invalid',
  ]);
  const standing = rig.one.sign('standing.get', rig.one.registration(nonce));
  expect(await refusal(put(rig.one, standing))).toEqual([400, 'malformed']);
  expect(rig.registry.list()).toEqual([]);
});

test('refuses a clock that is more than a minute off, and says so', async () => {
  const body = rig.one.registration(await rig.nonce());
  const stale = await put(rig.one, rig.one.sign('register', body, { atMs: NOW - 60_001 }));
  expect(stale.problem()).toMatchObject({
    status: 401,
    code: 'clock_skew',
    detail: expect.stringContaining('-60 s'),
  });
  const early = rig.one.sign('register', body, { atMs: NOW + 60_001 });
  expect(await refusal(put(rig.one, early))).toEqual([401, 'clock_skew']);
  expect((await put(rig.one, rig.one.sign('register', body, { atMs: NOW - 60_000 }))).status).toBe(201);
});

test('refuses a node that speaks for another, or under a key that is not its own', async () => {
  const foreign = rig.two.sign('register', rig.two.registration(await rig.nonce()));
  expect(await refusal(put(rig.two, foreign, rig.one.id))).toEqual([403, 'node_mismatch']);
  const otherKey = { ...rig.one.registration(await rig.nonce()), public_key: rig.two.publicKey };
  expect(await refusal(put(rig.one, rig.one.sign('register', otherKey)))).toEqual([403, 'node_mismatch']);
  const noKey = { ...rig.one.registration(await rig.nonce()), public_key: `0x04${'1'.repeat(128)}` };
  expect(await refusal(put(rig.one, rig.one.sign('register', noKey)))).toEqual([403, 'node_mismatch']);
  expect(rig.registry.list()).toEqual([]);
});

test('refuses another protocol version', async () => {
  const body = { ...rig.one.registration(await rig.nonce()), protocol: 2 };
  expect(await refusal(put(rig.one, rig.one.sign('register', body)))).toEqual([400, 'protocol_unsupported']);
});

test('refuses what is too long, no frame, of another type, or not what the schema says', async () => {
  const path = `/v1/nodes/${rig.one.id}`;
  const huge = Buffer.alloc(LIMITS.headerBytes + LIMITS.controlBytes + 2, 'x');
  expect(await refusal(rig.call('PUT', path, huge))).toEqual([413, 'too_large']);
  const long = { ...rig.one.registration(await rig.nonce()), label: 'x'.repeat(LIMITS.controlBytes) };
  expect(await refusal(put(rig.one, rig.one.sign('register', long)))).toEqual([413, 'too_large']);
  expect(await refusal(rig.call('PUT', path, Buffer.from('hello')))).toEqual([400, 'malformed']);
  expect(await refusal(rig.call('PUT', path))).toEqual([415, 'unsupported_media_type']);
  const json = { 'content-type': 'application/json' };
  expect(await refusal(rig.call('PUT', path, Buffer.from('{}'), json))).toEqual([
    415,
    'unsupported_media_type',
  ]);
  const bytes = { 'content-type': 'application/octet-stream' };
  expect(await refusal(rig.call('PUT', path, Buffer.from('{}'), bytes))).toEqual([
    415,
    'unsupported_media_type',
  ]);
  const short = { nonce: await rig.nonce(), node: rig.one.id };
  expect(await refusal(put(rig.one, rig.one.sign('register', short)))).toEqual([400, 'malformed']);
});

test('tells a registered node its standing, signed each time', async () => {
  const ask = async (node: TestNode) =>
    rig.call(
      'POST',
      `/v1/nodes/${node.id}/standing`,
      node.sign('standing.get', { nonce: await rig.nonce(), node: node.id }),
    );
  expect(await refusal(ask(rig.one))).toEqual([404, 'unknown_node']);
  await rig.register(rig.one);
  await rig.registry.update(rig.one.id, (record) => ({
    ...record,
    exclusion: { state: 'cooldown', code: 'too_many_failures', text: 'Rest.', until_ms: NOW + 5 },
  }));
  const answer = await ask(rig.one);
  expect(nodeStanding.parse(answer.json()).standing).toEqual({
    state: 'cooldown',
    code: 'too_many_failures',
    text: 'Rest.',
    until_ms: NOW + 5,
  });
});

const bind = async (node: TestNode, kind: string, body: object) =>
  rig.call(
    'POST',
    `/v1/nodes/${node.id}/binding`,
    node.sign(kind, { nonce: await rig.nonce(), node: node.id, ...body }),
  );

test('binds a node by the signatures of both: the wallet over the text, the node over the request', async () => {
  await rig.register(rig.one);
  const owner = { kind: 'wallet', address: wallet.address };
  const offer = bindOffer.parse((await bind(rig.one, 'bind.start', { owner })).json());
  expect(offer.message).toMatch(/^account\.example\.org wants you to sign in/);
  const proof = { kind: 'wallet', signature: wallet.signText(offer.message ?? '') };
  const finish = { binding: offer.binding, proof };
  await rig.register(rig.two);
  expect(await refusal(bind(rig.two, 'bind.finish', finish))).toEqual([404, 'unknown_binding']);
  const wrong = { ...finish, proof: { kind: 'wallet', signature: wallet.signText('something else') } };
  expect(await refusal(bind(rig.one, 'bind.finish', wrong))).toEqual([403, 'proof_refused']);
  const bound = await bind(rig.one, 'bind.finish', finish);
  expect(nodeStanding.parse(bound.json()).standing).toMatchObject({
    state: 'active',
    account: { kind: 'wallet' },
  });
});

test('binds by a mailed code, refuses another owner with advice, and logs no address', async () => {
  await rig.register(rig.one);
  const owner = { kind: 'email', email: 'ada@example.org' };
  const offer = bindOffer.parse((await bind(rig.one, 'bind.start', { owner })).json());
  const proof = { kind: 'email', code: await rig.mailedCode() };
  const bound = await bind(rig.one, 'bind.finish', { binding: offer.binding, proof });
  expect(nodeStanding.parse(bound.json()).standing.account).toEqual({
    kind: 'email',
    label: 'a***@example.org',
  });
  const second = await bind(rig.one, 'bind.start', { owner: { kind: 'wallet', address: wallet.address } });
  expect(second.problem()).toMatchObject({
    status: 409,
    code: 'already_bound',
    detail: expect.stringContaining('a***@example.org'),
  });
  expect(rig.logged.join()).toContain('node.bound');
  expect(rig.logged.join()).not.toContain('ada@');
});

test('names the time after which a binding may be started again', async () => {
  await rig.register(rig.one);
  const owner = { kind: 'email', email: 'ada@example.org' };
  for (let n = 0; n < 5; n++) expect((await bind(rig.one, 'bind.start', { owner })).status).toBe(200);
  const refused = await bind(rig.one, 'bind.start', { owner });
  expect(refused.problem()).toMatchObject({
    status: 429,
    code: 'too_many_bindings',
    retry_after_ms: 3_600_000,
  });
  expect(refused.headers.get('retry-after')).toBe('3600');
});
