import { expect, test } from 'vitest';
import {
  keyOf,
  NETWORK,
  NODE,
  OTHER_NETWORKS,
  OTHER_NODE,
  RECEIPT,
  TIME_MS,
} from '../../scripts/vectors/samples.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { createMemoryIdentityStore } from '../../src/adapters/identity/memory-identity.js';
import { MemoryNetworkSockets } from '../../src/adapters/network-socket/memory-network-sockets.js';
import { CLOSE } from '../../src/protocol/codes.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { verifyNodeFrame } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { createSigner } from '../../src/protocol/signer.js';
import { startStreamChain } from '../../src/protocol/stream-chain.js';
import { createExecutions } from '../../src/services/executions.js';
import { holdSession } from '../../src/services/hold-session.js';
import { createJobIntake } from '../../src/services/job-intake.js';
import { createMembership } from '../../src/services/membership.js';
import { createNetworkTime } from '../../src/services/network-time.js';
import { createOutboundLane } from '../../src/services/outbound-lane.js';
import { createSessionFacts } from '../../src/services/session-facts.js';
import { BODIES } from '../protocol/message-samples.js';
import { joinedNetwork, rememberingLogger, runService } from './rig.js';
import { GREETING, ScriptedNetwork } from './scripted-network.js';

const STRANGER = createSigner(keyOf('stranger'));
const ATTEMPT = { job: RECEIPT.job, attempt: 1 };
const DIGEST = digestOf('something');

/** A session service that has dialled, its network, and all it told its parent. */
const dialled = async () => {
  const sockets = new MemoryNetworkSockets();
  const clock = new ManualClock(TIME_MS + 250);
  const membership = createMembership();
  membership.identity.set(await createMemoryIdentityStore(keyOf('node'), 'x').open('x'));
  membership.network.set(joinedNetwork());
  const time = createNetworkTime(clock);
  const lane = createOutboundLane(() => clock.nowMs());
  const intake = createJobIntake();
  const executions = createExecutions(() => clock.monotonicMs());
  const facts = createSessionFacts();
  const { logger, lines } = rememberingLogger();
  const { nonce: _nonce, node: _node, audience: _audience, ...description } = BODIES.hello;
  const describe = () => description;
  const service = runService(
    holdSession({ sockets, membership, lane, intake, executions, facts, clock, time, logger, describe }),
  );
  const connection = sockets.last;
  connection.open();
  return {
    ...service,
    connection,
    network: new ScriptedNetwork(connection),
    lane,
    intake,
    executions,
    facts,
    clock,
    time,
    lines,
  };
};

const online = async () => {
  const rig = await dialled();
  rig.network.greet();
  rig.network.welcome();
  rig.events.splice(0);
  return rig;
};

/** The node hung up over the network's words: suspect, and never the node's own refusal. */
const HUNG_UP = expect.objectContaining({ type: 'session.closed', code: CLOSE.suspect, retryAfterMs: null });

test('answers the greeting with a signed hello for the origin it dialled', async () => {
  const { network, connection, events, facts } = await dialled();
  expect(connection.url).toBe('wss://network.example/v1/nodes/ws');
  expect(connection.sent).toEqual([]);
  network.greet();
  const [hello] = network.heard;
  expect(hello?.body).toEqual({
    ...BODIES.hello,
    nonce: GREETING.nonce,
    node: NODE.address,
    audience: 'wss://network.example',
  });
  if (hello === undefined) throw new Error('no hello');
  verifyNodeFrame(NETWORK, hello.header, NODE.address);
  expect([hello.header.n, hello.header.s]).toEqual([0, undefined]);
  expect(events).toEqual([{ type: 'session.greeted' }]);
  expect(facts.clockOffsetMs).toBe(250);
});

test('opens the session and tells what the welcome brings', async () => {
  const { network, events, facts, lane } = await dialled();
  const config = { version: 8, digest: DIGEST };
  network.greet({ config });
  network.welcome({ stop: [ATTEMPT], have: [{ ...ATTEMPT, attempt: 2, receipt_digest: DIGEST }] });
  expect(events).toEqual([
    { type: 'session.greeted' },
    { type: 'session.opened', session: network.session },
    { type: 'standing.changed', standing: { state: 'active' } },
    { type: 'job.cancelled', ...ATTEMPT, reason: 'superseded' },
    { type: 'result.acknowledged', ...ATTEMPT, attempt: 2, verdict: 'duplicate' },
    { type: 'config.offered', config },
  ]);
  expect(facts.heartbeatMs).toBe(5_000);
  expect(lane.session).toBe(network.session);
  lane.send('capacity', BODIES.capacity);
  expect(network.heard.at(-1)?.header).toMatchObject({ n: 1, s: network.session });
});

test('lets a stream go on where the network left it, and ends one of which it holds another', async () => {
  const { network, events, executions, lane } = await dialled();
  const request = digestOf('request');
  const [same, other] = [1, 2].map((attempt) => {
    const execution = executions.begin({ ...ATTEMPT, attempt }, request, 0);
    for (const chunk of ['a', 'b', 'c']) execution.takeChunk(chunk);
    return execution;
  });
  const held = startStreamChain(ATTEMPT.job, 1, request);
  held.append('a');
  network.greet();
  network.welcome({
    resume: [
      { ...ATTEMPT, i: 1, head: held.head },
      { ...ATTEMPT, attempt: 2, i: 1, head: held.head },
      { ...ATTEMPT, attempt: 3, i: 1, head: held.head },
    ],
  });
  expect(events.filter(({ type }) => type === 'job.cancelled')).toEqual([
    { type: 'job.cancelled', ...ATTEMPT, attempt: 2, reason: 'chain_mismatch' },
  ]);
  lane.flush();
  expect(network.heard.at(-1)).toMatchObject({
    type: 'job.delta',
    body: { batch: [{ ...ATTEMPT, i: 1, chunks: ['b', 'c'] }] },
  });
  expect([same?.deliveredIn, other?.deliveredIn]).toEqual([network.session, undefined]);
});

test('understands the welcome of a network that resumes no streams', async () => {
  const { network, events } = await dialled();
  network.greet();
  network.welcome({ resume: undefined });
  expect(events.map(({ type }) => type)).toEqual(['session.greeted', 'session.opened', 'standing.changed']);
});

type Rig = Awaited<ReturnType<typeof dialled>>;

test.each<readonly [string, number, (rig: Rig) => void]>([
  ['signed by a stranger', CLOSE.unauthenticated, ({ network }) => network.greet({}, { key: STRANGER })],
  ['unsigned', CLOSE.unauthenticated, ({ network }) => network.greet({}, { isUnsigned: true })],
  [
    'said to another node',
    CLOSE.unauthenticated,
    ({ network }) => network.greet({}, { node: OTHER_NODE.address }),
  ],
  ...Object.entries(OTHER_NETWORKS).map(
    ([difference, other]) =>
      [
        `of a network with another ${difference}`,
        CLOSE.unauthenticated,
        ({ network }: Rig) => network.greet({}, { network: other }),
      ] as const,
  ),
  [
    'that names another network',
    CLOSE.unauthenticated,
    ({ network }) => network.greet({ network: 'testnet' }),
  ],
  ['with half a nonce', CLOSE.malformed, ({ network }) => network.greet({ nonce: '0x1234' })],
  [
    'with a nonce put in later',
    CLOSE.malformed,
    ({ network }) =>
      network.greet({}, { bytes: JSON.stringify({ ...GREETING, nonce: bytes32Of('another') }) }),
  ],
  ['that is not the first frame', CLOSE.sequence, ({ network }) => network.greet({}, { seq: 1 })],
  ['relabelled', CLOSE.unauthenticated, ({ network }) => network.greet({}, { header: { t: 'welcome' } })],
  ['that is no frame', CLOSE.malformed, ({ connection }) => connection.say(Buffer.from('hello?'))],
])('says nothing of itself to a greeting %s', async (_, code, greet) => {
  const rig = await dialled();
  greet(rig);
  expect(rig.connection.sent).toEqual([]);
  expect(rig.connection.closedWith?.code).toBe(code);
  expect(rig.events).toEqual([HUNG_UP]);
  rig.network.greet({}, { seq: 0 });
  rig.connection.close(1006);
  expect(rig.events).toHaveLength(1);
});

test.each<readonly [string, number, (rig: Rig) => void]>([
  ['in its body', CLOSE.unauthenticated, ({ network }) => network.welcome({ session: bytes32Of('another') })],
  [
    'in its header',
    CLOSE.unauthenticated,
    ({ network }) => network.welcome({}, { session: bytes32Of('another') }),
  ],
  [
    'in neither: it has none',
    CLOSE.unauthenticated,
    ({ network }) => network.welcome({}, { session: undefined as never }),
  ],
])('refuses a welcome to another session, %s', async (_, code, welcome) => {
  const rig = await dialled();
  rig.network.greet();
  welcome(rig);
  expect(rig.connection.closedWith?.code).toBe(code);
  expect(rig.events).toEqual([{ type: 'session.greeted' }, HUNG_UP]);
  expect(rig.lane.session).toBeUndefined();
});

test.each<readonly [string, number, (rig: Rig) => void]>([
  ['signed by a stranger', CLOSE.unauthenticated, ({ network }) => network.welcome({}, { key: STRANGER })],
  ['unsigned', CLOSE.unauthenticated, ({ network }) => network.welcome({}, { isUnsigned: true })],
  [
    'said to another node',
    CLOSE.unauthenticated,
    ({ network }) => network.welcome({}, { node: OTHER_NODE.address }),
  ],
  ['after a gap', CLOSE.sequence, ({ network }) => network.welcome({}, { seq: 2 })],
  [
    'that comes after other messages',
    CLOSE.malformed,
    ({ network }) => network.say('capacity', BODIES.capacity),
  ],
  ['after an offer', CLOSE.malformed, ({ network }) => network.say('job.offer', BODIES['job.offer'])],
])('refuses a welcome %s', async (_, code, say) => {
  const rig = await dialled();
  rig.network.greet();
  say(rig);
  expect(rig.connection.closedWith?.code).toBe(code);
  expect(rig.events).toEqual([{ type: 'session.greeted' }, HUNG_UP]);
  expect(rig.lane.session).toBeUndefined();
});

test.each<readonly [string, number, (rig: Rig) => void]>([
  [
    'a gap',
    CLOSE.sequence,
    ({ network }) => network.say('config.notify', BODIES['config.notify'], { seq: 3 }),
  ],
  [
    'a repetition',
    CLOSE.sequence,
    ({ network }) => network.say('config.notify', BODIES['config.notify'], { seq: 1 }),
  ],
  [
    'a frame of another session',
    CLOSE.unauthenticated,
    ({ network }) => network.say('config.notify', BODIES['config.notify'], { session: bytes32Of('another') }),
  ],
  ['a second welcome', CLOSE.malformed, ({ network }) => network.welcome()],
  ['a second greeting', CLOSE.malformed, ({ network }) => network.say('greeting', GREETING)],
  [
    'an unsigned acknowledgement',
    CLOSE.unauthenticated,
    ({ network }) => network.say('result.ack', BODIES['result.ack'], { isUnsigned: true }),
  ],
  [
    'an unsigned order',
    CLOSE.unauthenticated,
    ({ network }) => network.say('admin.command', BODIES['admin.command'], { isUnsigned: true }),
  ],
  [
    'an order signed by a stranger',
    CLOSE.unauthenticated,
    ({ network }) => network.say('admin.command', BODIES['admin.command'], { key: STRANGER }),
  ],
  [
    'an order meant for another node',
    CLOSE.unauthenticated,
    ({ network }) => network.say('admin.command', BODIES['admin.command'], { node: OTHER_NODE.address }),
  ],
  [
    'an acknowledgement meant for another node',
    CLOSE.unauthenticated,
    ({ network }) => network.say('result.ack', BODIES['result.ack'], { node: OTHER_NODE.address }),
  ],
  [
    "the node's own kind of message",
    CLOSE.malformed,
    ({ network }) => network.say('capacity', BODIES.capacity),
  ],
  ['a body of the wrong shape', CLOSE.malformed, ({ network }) => network.say('job.cancel', { job: 'x' })],
  [
    'a body under another digest',
    CLOSE.malformed,
    ({ network }) => network.say('job.cancel', BODIES['job.cancel'], { bytes: '{}' }),
  ],
  [
    'a message beyond its size',
    CLOSE.tooLarge,
    ({ network }) =>
      network.say('job.cancel', { ...BODIES['job.cancel'], pad: 'x'.repeat(LIMITS.controlBytes) }),
  ],
  [
    'an unknown type that must be understood',
    CLOSE.malformed,
    ({ network }) => network.say('job.teleport', {}, { header: { crit: true } }),
  ],
])('ends the session over %s', async (_, code, say) => {
  const rig = await online();
  say(rig);
  expect(rig.events).toEqual([HUNG_UP]);
  expect(rig.lane.session).toBeUndefined();
  expect(rig.connection.closedWith?.code).toBe(code);
});

test('answers an unknown type and goes on', async () => {
  const { network, events } = await online();
  network.say('job.teleport', { to: 'the moon' });
  expect(network.heard.at(-1)).toMatchObject({
    type: 'error',
    body: { code: 'unsupported_type', about: 2, fatal: false },
  });
  network.say('config.notify', BODIES['config.notify']);
  expect(events).toEqual([{ type: 'config.offered', config: BODIES['config.notify'] }]);
});

test('survives an unknown type before the welcome without answering it', async () => {
  const { network, events } = await dialled();
  network.greet();
  network.say('motd', { text: 'hi' });
  network.welcome();
  expect(network.heard.map(({ type }) => type)).toEqual(['hello']);
  expect(events.map(({ type }) => type)).toContain('session.opened');
});

test('passes on an order, which is answered once it is carried out', async () => {
  const { network, events } = await online();
  network.say('admin.command', {
    id: RECEIPT.job,
    verb: 'pause',
    note: 'new release',
    until_ms: TIME_MS + 60_000,
  });
  network.say('admin.command', { id: RECEIPT.job, verb: 'resume' });
  const given = { id: RECEIPT.job, by: 'network', atMs: TIME_MS + 250 };
  expect(events).toEqual([
    {
      type: 'order.given',
      // The network's clock is a quarter of a second behind the host's.
      request: { ...given, verb: 'pause', note: 'new release', untilMs: TIME_MS + 60_250 },
    },
    { type: 'order.given', request: { ...given, verb: 'resume', note: null, untilMs: null } },
  ]);
  expect(network.heard.filter(({ type }) => type === 'admin.result')).toEqual([]);
});

test('answers an order nobody knows, and goes on', async () => {
  const { network, events } = await online();
  network.say('admin.command', { id: RECEIPT.job, verb: 'shutdown' });
  const answer = network.heard.at(-1);
  expect(answer).toMatchObject({
    type: 'admin.result',
    body: { id: RECEIPT.job, outcome: 'unsupported', reason: 'unknown_verb' },
  });
  if (answer === undefined) throw new Error('no answer');
  verifyNodeFrame(NETWORK, answer.header, NODE.address);
  network.say('config.notify', BODIES['config.notify']);
  expect(events).toEqual([{ type: 'config.offered', config: BODIES['config.notify'] }]);
});

test('passes on what the network says in a session', async () => {
  const { network, events, facts, clock } = await online();
  clock.advance(1_000);
  network.say('heartbeat.ack', { ...BODIES['heartbeat.ack'], config: BODIES['config.notify'] });
  network.say('standing', BODIES.standing);
  network.say('job.cancel', BODIES['job.cancel']);
  network.say('result.ack', BODIES['result.ack']);
  expect(events).toEqual([
    { type: 'standing.changed', standing: BODIES['heartbeat.ack'].standing },
    { type: 'config.offered', config: BODIES['config.notify'] },
    { type: 'standing.changed', standing: BODIES.standing },
    { type: 'job.cancelled', ...BODIES['job.cancel'] },
    { type: 'result.acknowledged', ...ATTEMPT, verdict: 'accepted' },
  ]);
  expect([facts.clockOffsetMs, facts.lastAckMs]).toEqual([1_250, TIME_MS + 1_250]);
});

test('keeps a prompt in the intake: it is in no event and in no log line', async () => {
  const { network, events, intake, lines, clock } = await online();
  const secret = 'a prompt nobody else may read';
  const request = { model: 'tiny', messages: [{ role: 'user', content: secret }] };
  clock.advance(5);
  network.say('job.offer', { ...BODIES['job.offer'], request });
  expect(events).toEqual([{ type: 'job.offered', ...ATTEMPT }]);
  expect(intake.find(ATTEMPT)).toEqual({
    offer: { ...BODIES['job.offer'], request },
    requestDigest: digestOf(JSON.stringify({ ...BODIES['job.offer'], request })),
    bytes: Buffer.byteLength(JSON.stringify(request)),
    session: network.session,
    receivedMs: TIME_MS + 5, // by the network's clock
    receivedMonotonicMs: 5,
  });
  network.say('job.offer', {
    ...BODIES['job.offer'],
    attempt: 2,
    request: { messages: secret },
    priority: secret,
  });
  network.say('job.offer', { ...BODIES['job.offer'], attempt: 3 }, { bytes: `{"x": ${secret}`, seq: 4 });
  expect(JSON.stringify(events)).not.toContain(secret);
  expect(lines.join('')).not.toContain(secret);
});

test("keeps the network's wish when to come back, from a fatal error or a goodbye", async () => {
  const refused = await online();
  refused.network.say('error', { code: 'too_many', text: 'Slow down.', fatal: true, retry_after_ms: 7_000 });
  expect(refused.events).toEqual([]);
  refused.connection.close(CLOSE.tooMany, 'too_many');
  expect(refused.events).toEqual([
    { type: 'session.closed', code: CLOSE.tooMany, reason: 'Slow down.', retryAfterMs: 7_000 },
  ]);

  const restarted = await online();
  restarted.network.say('goodbye', { reason: 'restart', reconnect_after_ms: 3_000, jobs: [] });
  restarted.connection.close(CLOSE.restart);
  expect(restarted.events).toEqual([
    { type: 'session.closed', code: CLOSE.restart, reason: 'closed with 1012', retryAfterMs: 3_000 },
  ]);
  expect(restarted.lane.session).toBeUndefined();
});

test('hears why its hello is refused, before there is a session', async () => {
  const { network, connection, events, lines } = await dialled();
  network.greet();
  const error = { code: 'identity_revoked', text: 'This node was revoked.', fatal: true, retry_after_ms: 9 };
  network.say('error', error, { session: undefined as never });
  connection.close(CLOSE.identityRefused, 'identity_revoked');
  expect(events.at(-1)).toEqual({
    type: 'session.closed',
    code: CLOSE.identityRefused,
    reason: 'This node was revoked.',
    retryAfterMs: 9,
  });
  expect(lines.join('')).toContain('This node was revoked.');
});

test('learns of another process with its key, whether that one has the session or was refused', async () => {
  const elsewhere = {
    address: '192.0.2.7',
    instance: BODIES.hello.instance,
    agent_version: '1',
    at_ms: TIME_MS,
  };
  const error = { code: 'key_in_use', text: 'In use at 192.0.2.7.', elsewhere };
  const second = await dialled();
  second.network.greet();
  const refusal = { ...error, fatal: true, retry_after_ms: 60_000 };
  second.network.say('error', refusal, { session: undefined as never });
  second.connection.close(CLOSE.inUse, 'key_in_use');
  expect(second.facts.elsewhere).toEqual({ ...elsewhere, holdsSession: true });
  expect(second.events.at(-1)).toEqual({
    type: 'session.closed',
    code: CLOSE.inUse,
    reason: 'In use at 192.0.2.7.',
    retryAfterMs: 60_000,
  });

  const first = await online();
  first.network.say('error', { ...error, fatal: false });
  expect(first.facts.elsewhere).toEqual({ ...elsewhere, holdsSession: false });
  expect(first.events).toEqual([]);
});

test('forgets the process that had its session once it has one itself', async () => {
  const { network, facts } = await dialled();
  const seen = { address: '192.0.2.7', instance: BODIES.hello.instance, agent_version: '1', at_ms: TIME_MS };
  facts.elsewhere = { ...seen, holdsSession: true };
  network.greet();
  network.welcome();
  expect(facts.elsewhere).toBeNull();
});

test('pings as the network wishes, within bounds', async () => {
  const asked = async (ping_ms: number, dead_ms: number) => {
    const { network, connection } = await dialled();
    network.greet();
    network.welcome({ ping_ms, dead_ms });
    return connection.keptAlive;
  };
  expect(await asked(1_000, 2_500)).toEqual({ pingMs: 1_000, deadMs: 2_500 });
  expect(await asked(1, 1)).toEqual({ pingMs: 250, deadMs: 500 });
  expect(await asked(3_600_000, 3_600_000)).toEqual({ pingMs: 10_000, deadMs: 25_000 });
});

test('takes the time from the network once the handshake has proved it', async () => {
  const { network, clock, time } = await dialled();
  network.greet({ time_ms: TIME_MS - 5_000 });
  expect(time.nowMs()).toBe(TIME_MS + 250);
  network.welcome();
  expect(time.nowMs()).toBe(TIME_MS - 5_000);
  clock.advance(1_000);
  clock.set(0);
  expect(time.nowMs()).toBe(TIME_MS - 4_000);
  network.say('heartbeat.ack', { ...BODIES['heartbeat.ack'], time_ms: TIME_MS });
  expect(time.nowMs()).toBe(TIME_MS);
});

test('reports a connection that never opened', async () => {
  const { connection, events } = await dialled();
  connection.close(1006, 'connect ECONNREFUSED');
  expect(events).toEqual([
    { type: 'session.closed', code: 1006, reason: 'connect ECONNREFUSED', retryAfterMs: null },
  ]);
});

test('hangs up without a word to its parent when its state is left', async () => {
  const { connection, network, events, lane, stop } = await online();
  stop();
  expect(connection.closedWith?.code).toBe(CLOSE.normal);
  expect(lane.session).toBeUndefined();
  network.say('config.notify', BODIES['config.notify']);
  connection.close(1000);
  expect(events).toEqual([]);
});
