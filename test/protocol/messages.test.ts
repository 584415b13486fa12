import { expect, test } from 'vitest';
import { NETWORK, NODE, ONLINE, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { digestOf } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { signAsNetwork, signAsNode } from '../../src/protocol/handshake.js';
import { LIMITS, MAX_FRAME_BYTES } from '../../src/protocol/limits.js';
import { encodeMessage, mustBeSigned, parseMessage } from '../../src/protocol/message-codec.js';
import { isMessageType, MESSAGES, type MessageType } from '../../src/protocol/messages/catalogue.js';
import { BODIES } from './message-samples.js';
import { refusalOf } from './refusal.js';

const types = Object.keys(MESSAGES) as MessageType[];
const sender = (type: MessageType) => (MESSAGES[type].direction === 'down' ? 'network' : 'node');
/** A frame as a stranger may write it: any type, any body. */
const frameOf = (type: string, body: unknown) => {
  const bytes = Buffer.from(JSON.stringify(body));
  return { header: { t: type, n: 0, ts: TIME_MS, bd: digestOf(bytes) }, body: bytes };
};
const ORDER = BODIES.heartbeat.prefs.order;
const verdict = (type: MessageType, body: unknown) =>
  refusalOf(() => parseMessage(frameOf(type, body), sender(type)));

test.each(types)('%s survives the way over the wire', (type) => {
  const sign =
    sender(type) === 'node' ? signAsNode(NETWORK, NODE) : signAsNetwork(NETWORK, ONLINE, NODE.address);
  const bytes = encodeMessage({ type, body: BODIES[type], seq: 5, timeMs: TIME_MS, session: SESSION }, sign);
  const frame = decodeFrame(bytes, MESSAGES[type].maxBytes);
  expect(frame.header.sig?.length).toBe(mustBeSigned(type) ? 1 : undefined);
  expect(parseMessage(frame, sender(type))).toEqual({ type, body: BODIES[type], header: frame.header });
});

test.each(types)('%s ignores fields it does not know and needs every field it must have', (type) => {
  const body = BODIES[type] as Record<string, unknown>;
  expect(parseMessage(frameOf(type, { ...body, later: { any: 'thing' } }), sender(type)).body).toEqual(body);
  const optional = Object.keys(body).filter((field) => {
    const { [field]: _, ...rest } = body;
    return verdict(type, rest) === 'accepted';
  });
  const known = [
    'code',
    'text',
    'until_ms',
    'resume',
    'account',
    'param',
    'retry_after_ms',
    'about',
    'output',
    'reconnect_after_ms',
    'note',
    'reason',
  ];
  expect(optional.filter((field) => !known.includes(field))).toEqual([]);
  for (const [field, value] of Object.entries(body)) {
    const wrong = typeof value === 'object' ? 7 : { not: 'this' };
    expect(verdict(type, { ...body, [field]: wrong }), field).toBe('malformed');
  }
  for (const notABody of [null, 1, 'text', [], [body]]) expect(verdict(type, notABody)).toBe('malformed');
});

test.each<readonly [MessageType, (value: string) => object]>([
  ['job.offer', (endpoint) => ({ endpoint })],
  ['job.offer', (mode) => ({ mode })],
  ['job.decline', (code) => ({ code })],
  ['config.applied', (outcome) => ({ outcome })],
  ['result.ack', (verdictOf) => ({ verdict: verdictOf })],
  ['standing', (state) => ({ state })],
  ['welcome', (state) => ({ standing: { state } })],
  ['heartbeat', (state) => ({ models: [{ ...BODIES.heartbeat.models[0], state }] })],
  ['admin.result', (outcome) => ({ outcome })],
  ['heartbeat', (kind) => ({ prefs: { ...BODIES.heartbeat.prefs, order: { ...ORDER, kind } } })],
  ['heartbeat', (by) => ({ prefs: { ...BODIES.heartbeat.prefs, order: { ...ORDER, by } } })],
  ['result', (outcome) => ({ receipt: { ...BODIES.result.receipt, outcome } })],
])('%s refuses a value outside its closed list', (type, change) => {
  expect(verdict(type, { ...BODIES[type], ...change('of_tomorrow') })).toBe('malformed');
});

test.each<readonly [MessageType, object]>([
  ['error', { code: 'of_tomorrow' }],
  ['goodbye', { reason: 'of_tomorrow' }],
  ['job.cancel', { reason: 'of_tomorrow' }],
  ['result.ack', { code: 'of_tomorrow' }],
  ['standing', { code: 'of_tomorrow' }],
  ['admin.command', { verb: 'of_tomorrow' }],
  ['admin.result', { reason: 'of_tomorrow' }],
  ['config.applied', { code: 'of_tomorrow' }],
  ['heartbeat', { runtime: { ...BODIES.heartbeat.runtime, state: 'hibernating' } }],
])('%s tolerates an unknown value of an open list: %j', (type, change) => {
  expect(verdict(type, { ...BODIES[type], ...change })).toBe('accepted');
});

test.each(types)('%s is refused from the wrong side', (type) => {
  const { direction } = MESSAGES[type];
  const from = (side: 'node' | 'network') => refusalOf(() => parseMessage(frameOf(type, BODIES[type]), side));
  expect([from('node'), from('network')]).toEqual([
    direction === 'down' ? 'malformed' : 'accepted',
    direction === 'up' ? 'malformed' : 'accepted',
  ]);
});

test.each(types)('%s is taken at its size limit and refused one byte beyond, on both ends', (type) => {
  const { maxBytes } = MESSAGES[type];
  const text = JSON.stringify(BODIES[type]);
  const padded = (size: number) => {
    const body = Buffer.from(text.padEnd(size, ' '));
    return { header: { t: type, n: 0, ts: TIME_MS, bd: digestOf(body) }, body };
  };
  const from = sender(type);
  expect(refusalOf(() => parseMessage(padded(maxBytes), from))).toBe('accepted');
  expect(refusalOf(() => parseMessage(padded(maxBytes + 1), from))).toBe('too_large');
  const body = { ...BODIES[type], pad: 'x'.repeat(maxBytes) };
  const outgoing = { type, body, seq: 0, timeMs: TIME_MS, session: SESSION };
  expect(refusalOf(() => encodeMessage(outgoing, () => `0x${'1'.repeat(130)}`))).toBe('too_large');
  expect(LIMITS.headerBytes + 1 + maxBytes).toBeLessThanOrEqual(MAX_FRAME_BYTES);
});

test('tells an unknown type from a broken one, and is not fooled by inherited names', () => {
  for (const type of ['job.teleport', 'constructor', 'tostring', '__proto__']) {
    expect(isMessageType(type)).toBe(false);
    expect(mustBeSigned(type)).toBe(false);
    expect(refusalOf(() => parseMessage(frameOf(type, {}), 'network'))).toBe('unsupported_type');
  }
});

test('signs exactly the messages whose effect outlives the session or costs money', () => {
  expect(types.filter(mustBeSigned)).toEqual([
    'greeting',
    'hello',
    'welcome',
    'heartbeat',
    'config.applied',
    'job.accept',
    'job.decline',
    'result',
    'result.ack',
    'admin.command',
    'admin.result',
  ]);
});

test.each<readonly [MessageType, object]>([
  ['admin.command', { until_ms: 8_640_000_000_000_001 }],
  ['admin.command', { note: 'x'.repeat(201) }],
  [
    'heartbeat',
    { prefs: { ...BODIES.heartbeat.prefs, order: { ...ORDER, until_ms: 8_640_000_000_000_001 } } },
  ],
])('%s refuses an end no calendar knows, and a note nobody reads: %j', (type, change) => {
  expect(verdict(type, { ...BODIES[type], ...change })).toBe('malformed');
});

test('an offer tells a paid job from a blind one by no field', () => {
  expect(Object.keys(MESSAGES['job.offer'].schema.shape).sort()).toEqual(
    [
      'attempt',
      'endpoint',
      'exec_timeout_ms',
      'job',
      'lease_ms',
      'max_output_tokens',
      'mode',
      'model',
      'priority',
      'request',
      'salt',
      'ttl_left_ms',
    ].sort(),
  );
});

test.each(['../../etc', 'x'.repeat(10_000), 'a\u0000b', '..', '/abs', 'C:\\x', '', '\u202e', 'CON '])(
  'takes %j nowhere as the name of a job or a model',
  (name) => {
    expect(verdict('job.offer', { ...BODIES['job.offer'], job: name })).toBe('malformed');
    const model = { ...BODIES['job.offer'].model, id: name };
    expect(verdict('job.offer', { ...BODIES['job.offer'], model })).toBe('malformed');
    const receipt = { ...BODIES.result.receipt, job: name };
    expect(verdict('result', { ...BODIES.result, receipt })).toBe('malformed');
  },
);
