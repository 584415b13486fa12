// Who gets a session, who does not, and with which close code.
import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame } from '../../../src/protocol/frame.js';
import { sessionId } from '../../../src/protocol/handshake.js';
import { ACCOUNT, ACTIVE, DRAFT, KEYS, NetworkRig } from '../desk/network-rig.js';
import { ScriptedNode } from './scripted-node.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

const registered = async (n = 2) => {
  const options = rig.nodeOptions(n);
  if (rig.registry.find(options.signer.address) === undefined) await rig.enrol(options.signer.address);
  return options;
};

test('greets first, then welcomes a registered node into the session both sides compute', async () => {
  const node = await ScriptedNode.dial(await registered());
  await node.hello();
  const welcome = await node.next('welcome');
  expect(welcome.header).toMatchObject({ n: 1, s: node.session });
  expect(welcome.body).toEqual({
    session: node.session,
    standing: ACTIVE,
    heartbeat_ms: 5_000,
    ping_ms: 10_000,
    dead_ms: 25_000,
    lease_ms: 30_000,
    stop: [],
    have: [],
    resume: [],
  });
  expect(rig.core.snapshot().nodes.map((one) => one.node)).toEqual([node.address]);
});

test('welcomes an unbound node as pending', async () => {
  await rig.enrol(rig.nodeOptions(2).signer.address, { owner: null });
  const node = await ScriptedNode.dial(rig.nodeOptions(2));
  await node.hello();
  expect((await node.next('welcome')).body.standing).toMatchObject({ state: 'pending' });
});

const refusal = async (node: ScriptedNode): Promise<[string, number]> => {
  const { body } = await node.next('error');
  expect(body.fatal).toBe(true);
  return [body.code, await node.closed];
};

describe('a hello is refused', () => {
  test.each([
    ['that answers another nonce', { nonce: `0x${'0'.repeat(64)}` }, 'nonce_mismatch', 4401],
    ['meant for a relay', { audience: 'ws://relay.example' }, 'audience_mismatch', 4401],
    ['of another protocol', { protocol: 2 }, 'unsupported_protocol', 4426],
  ])('%s', async (_title, change, code, closeCode) => {
    const node = await ScriptedNode.dial(await registered());
    await node.hello(change);
    expect(await refusal(node)).toEqual([code, closeCode]);
  });

  test('of a node that is not registered', async () => {
    const node = await ScriptedNode.dial(rig.nodeOptions(9));
    await node.hello();
    expect(await refusal(node)).toEqual(['not_registered', 4401]);
  });

  test('of a revoked identity', async () => {
    await rig.enrol(rig.nodeOptions(2).signer.address, {
      exclusion: { state: 'frozen', code: 'identity_revoked', text: 'revoked by its owner' },
    });
    const node = await ScriptedNode.dial(rig.nodeOptions(2));
    await node.hello();
    expect(await refusal(node)).toEqual(['identity_revoked', 4403]);
  });

  test('signed for another network', async () => {
    const options = await registered();
    const node = await ScriptedNode.dial(options);
    await node.next('greeting').then((greeting) => node.received.push(greeting));
    const foreign = new ScriptedNode({ ...options, network: { ...KEYS.network, chainId: 1 } }, node.socket);
    foreign.received.push(...node.received);
    await foreign.hello();
    expect(await refusal(node)).toEqual(['signature_invalid', 4401]);
  });

  test('signed by another key than it names', async () => {
    await registered();
    const node = await ScriptedNode.dial(rig.nodeOptions(3));
    await node.hello({ node: rig.nodeOptions(2).signer.address });
    expect(await refusal(node)).toEqual(['signature_invalid', 4401]);
  });

  test('recorded on one socket and replayed on another', async () => {
    const options = await registered();
    const honest = await ScriptedNode.dial(options);
    const sent: Buffer[] = [];
    honest.sendBytes = (bytes) => void sent.push(Buffer.from(bytes));
    await honest.hello();
    const replay = await ScriptedNode.dial(options);
    replay.sendBytes(sent[0] ?? Buffer.alloc(0));
    expect(await refusal(replay)).toEqual(['nonce_mismatch', 4401]);
  });

  test('that comes too late', async () => {
    const node = await ScriptedNode.dial(await registered());
    await node.next('greeting');
    rig.time.advance(10_000);
    expect(await refusal(node)).toEqual(['hello_too_late', 4408]);
  });

  test('whose relay sets the Host header to its own name', async () => {
    const node = await ScriptedNode.dial(await registered(), { headers: { host: 'relay.example' } });
    await node.hello({ audience: 'ws://relay.example' });
    expect(await refusal(node)).toEqual(['audience_mismatch', 4401]);
  });
});

test('takes the Host header for its own where a proxy of ours sets it', async () => {
  await rig.stop();
  rig = await NetworkRig.start({ trustHost: true });
  const node = await ScriptedNode.dial(await registered(), { headers: { host: 'io.example' } });
  await node.hello({ audience: 'wss://io.example' });
  expect((await node.next('welcome')).type).toBe('welcome');
});

describe('a frame in a session ends it', () => {
  const capacity = { credit_limit: 1, slots: { total: 1, free: 1 } };
  const other = Buffer.from('{"credit_limit":9,"slots":{"total":9,"free":9}}');

  test.each([
    ['after a gap', (node: ScriptedNode) => void node.seq++, {}, 'sequence_gap', 4422],
    ['that repeats a number', (node: ScriptedNode) => void node.seq--, {}, 'sequence_gap', 4422],
    [
      'of an older session',
      (node: ScriptedNode) => {
        node.session = sessionId('sha256:1', 'sha256:2');
      },
      {},
      'session_mismatch',
      4422,
    ],
    ['with a swapped body', () => {}, { body: () => other }, 'digest_mismatch', 4400],
    [
      'with a body that is not its type',
      () => {},
      { body: () => Buffer.from('{}'), resign: true },
      'malformed',
      4400,
    ],
  ])('%s', async (_title, prepare, bend, code, closeCode) => {
    const node = await rig.join();
    prepare(node);
    node.send('capacity', capacity, bend);
    expect(await refusal(node)).toEqual([code, closeCode]);
  });

  test('when signed content is swapped together with its digest', async () => {
    const node = await rig.join();
    node.send('goodbye', { reason: 'stop', jobs: [] }); // unsigned: rides on the session
    expect(await node.closed).toBe(1000);
    const again = await rig.join();
    const body = Buffer.from(JSON.stringify({ job: '01', attempt: 1 }));
    again.send(
      'job.accept',
      { job: '01J00000000000000000000000', attempt: 1, request_digest: rig.config.digest, position: 0 },
      { body: () => body, header: (header) => ({ ...header, bd: rig.config.digest }) },
    );
    expect(await refusal(again)).toEqual(['digest_mismatch', 4400]);
  });

  test('when its kind was swapped under a valid signature', async () => {
    const node = await rig.join();
    node.send(
      'heartbeat',
      {} as never, // the signature is judged before the schema
      { header: (header) => ({ ...header, t: 'config.applied' }) },
    );
    expect(await refusal(node)).toEqual(['signature_invalid', 4401]);
  });

  test('when it is binary, or noise', async () => {
    const node = await rig.join();
    node.socket.send(Buffer.from('x'), { binary: true });
    expect(await refusal(node)).toEqual(['malformed', 4400]);
    const again = await rig.join();
    again.sendBytes(Buffer.from(randomBytes(64).toString('hex')));
    expect(await refusal(again)).toEqual(['malformed', 4400]);
  });

  test('when it is larger than its type may be', async () => {
    const node = await rig.join();
    node.send('capacity', { ...capacity, padding: 'x'.repeat(70_000) } as never);
    expect(await refusal(node)).toEqual(['too_large', 4413]);
  });
});

test('ignores unknown fields and survives unknown types', async () => {
  const node = await rig.join();
  node.send('capacity', { credit_limit: 3, slots: { total: 3, free: 3, later: 1 }, more: true } as never);
  const { n } = node.sendAny('node.dreams', { of: 'sheep' }, false);
  const { body } = await node.next('error');
  expect(body).toMatchObject({ code: 'unsupported_type', about: n, fatal: false });
  await node.heartbeat();
  expect(rig.core.snapshot().nodes[0]).toMatchObject({ creditLimit: 3, slots: { total: 3, free: 3 } });
});

test('closes the older session of a node that comes again', async () => {
  const older = await rig.join();
  const newer = await rig.join();
  expect(await older.closed).toBe(4409);
  expect(rig.core.snapshot().nodes.map((one) => one.session)).toEqual([newer.session]);
});

describe('another process with the same key', () => {
  const joinAs = async (instance: string, socket: { autoPong?: boolean } = {}) => {
    const node = await ScriptedNode.dial(await registered(), socket);
    await node.hello({ instance });
    return node;
  };

  test('is refused while the first shows signs of life, and each learns where the other is', async () => {
    const [one, two] = [ulid(), ulid()];
    const first = await joinAs(one);
    await first.next('welcome');
    const second = await joinAs(two);
    const { body: refused } = await second.next('error');
    const { body: told } = await first.next('error');
    expect(await second.closed).toBe(4423);
    const here = { address: '127.0.0.1', agent_version: '0.1.0', at_ms: rig.time.nowMs() };
    expect(refused).toMatchObject({
      code: 'key_in_use',
      fatal: true,
      retry_after_ms: 60_000,
      elsewhere: { ...here, instance: one },
    });
    expect(told).toMatchObject({ code: 'key_in_use', fatal: false, elsewhere: { ...here, instance: two } });
    expect(rig.core.snapshot().nodes.map(({ session }) => session)).toEqual([first.session]);
    await first.heartbeat();
  });

  test('takes the place of one that does not answer', async () => {
    const first = await joinAs(ulid(), { autoPong: false });
    await first.next('welcome');
    const pinged = new Promise((resolve) => first.socket.once('ping', resolve));
    const second = await joinAs(ulid());
    await pinged;
    rig.time.advance(3_000);
    await second.next('welcome');
    expect(await first.closed).toBe(4409);
    expect(rig.core.snapshot().nodes.map(({ session }) => session)).toEqual([second.session]);
  });

  test('is welcome at once when the first hangs up meanwhile', async () => {
    const first = await joinAs(ulid(), { autoPong: false });
    await first.next('welcome');
    const pinged = new Promise((resolve) => first.socket.once('ping', resolve));
    const second = await joinAs(ulid());
    await pinged;
    first.socket.terminate();
    await second.next('welcome');
    expect(rig.core.snapshot().nodes.map(({ session }) => session)).toEqual([second.session]);
  });

  test('may not speak before its welcome', async () => {
    const first = await joinAs(ulid(), { autoPong: false });
    await first.next('welcome');
    const second = await joinAs(ulid());
    second.send('capacity', { credit_limit: 1, slots: { total: 1, free: 1 } });
    expect(await refusal(second)).toEqual(['malformed', 4400]);
  });
});

test('answers a heartbeat with configuration and standing, and never lets credit shrink', async () => {
  const node = await rig.join();
  const ack = await node.heartbeat({ credit_limit: 5 });
  expect(ack.body).toEqual({
    time_ms: rig.time.nowMs(),
    config: { version: 1, digest: rig.config.digest },
    standing: ACTIVE,
  });
  await node.heartbeat({ credit_limit: 2 });
  expect(rig.core.snapshot().nodes[0]?.creditLimit).toBe(5);
});

test('tells of a new configuration and of a changed standing', async () => {
  const node = await rig.join();
  const next = await rig.publisher.publish(DRAFT);
  expect((await node.next('config.notify')).body).toEqual({ version: 2, digest: next.digest });
  const exclusion = { state: 'frozen', code: 'by_hand', text: 'ask us' } as const;
  await rig.registry.update(node.address, (record) => ({ ...record, exclusion }));
  expect((await node.next('standing')).body).toEqual({ ...exclusion, account: ACCOUNT });
});

test('pings, and ends the session of a node that is silent', async () => {
  const options = await registered();
  const node = await ScriptedNode.dial(options, { autoPong: false });
  await node.hello();
  await node.next('welcome');
  const pinged = new Promise((resolve) => node.socket.once('ping', resolve));
  rig.time.advance(10_000);
  await pinged;
  rig.time.advance(20_000);
  await node.closed;
  expect(rig.core.snapshot().nodes).toEqual([]);
});

test.each([
  ['/v1/nodes/ws', 'other.protocol', 400],
  ['/elsewhere', 'resultity.node.v1', 404],
])('refuses an upgrade to %s with %s', async (path, protocol, status) => {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}${path}`, protocol);
  const answered = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => {});
  });
  expect(answered).toBe(status);
});

test('a frame header that is not one closes the socket, whatever its bytes', async () => {
  const node = await rig.join();
  node.sendBytes(encodeFrame({ t: 'heartbeat', n: -1, ts: 0, bd: 'sha256:' }, '{}'));
  expect(await refusal(node)).toEqual(['malformed', 4400]);
});
