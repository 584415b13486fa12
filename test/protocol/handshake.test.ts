// The replay table of the design, row by row: what was recorded once must be worth nothing anywhere else.
import { expect, test } from 'vitest';
import {
  keyOf,
  NETWORK,
  NODE,
  ONLINE,
  OTHER_NETWORKS,
  OTHER_NODE,
  RECEIPT,
  TIME_MS,
} from '../../scripts/vectors/samples.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { decodeFrame, encodeFrame, type Frame } from '../../src/protocol/frame.js';
import {
  sessionId,
  signAsNetwork,
  signAsNode,
  verifyNetworkFrame,
  verifyNodeFrame,
} from '../../src/protocol/handshake.js';
import { encodeMessage, type Outgoing, onlySignature } from '../../src/protocol/message-codec.js';
import type { MessageType } from '../../src/protocol/messages/catalogue.js';
import type { Greeting, Hello } from '../../src/protocol/messages/session.js';
import type { NetworkId } from '../../src/protocol/network-id.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { receiptHash } from '../../src/protocol/receipt.js';
import { createSequence, createSequenceCheck } from '../../src/protocol/sequence.js';
import { recoverSigner } from '../../src/protocol/signature.js';
import { createSigner } from '../../src/protocol/signer.js';
import { refusalOf } from './refusal.js';

const GREETING: Greeting = {
  nonce: bytes32Of('nonce'),
  network: 'devnet',
  versions: [1],
  time_ms: TIME_MS,
  config: null,
};
const HELLO: Hello = {
  nonce: GREETING.nonce,
  node: NODE.address,
  audience: 'wss://network.example',
  instance: '01JGFJJZ00TESTTESTTESTTEST',
  agent_version: '0.1.0',
  protocol: 1,
  config_digest: null,
  models: [],
  running: [],
  outbox: [],
};

const read = (bytes: Uint8Array): Frame => decodeFrame(bytes, 1024 * 1024);
const at = { seq: 0, timeMs: TIME_MS, session: undefined };
const fromNode = <T extends MessageType>(message: Outgoing<T>, signer = NODE, network = NETWORK): Frame =>
  read(encodeMessage(message, signAsNode(network, signer)));
const fromNetwork = <T extends MessageType>(message: Outgoing<T>, node: string, network = NETWORK): Frame =>
  read(encodeMessage(message, signAsNetwork(network, ONLINE, node)));

const greet = (body = GREETING, network: NetworkId = NETWORK): Frame =>
  fromNetwork({ type: 'greeting', body, ...at }, ZERO_ADDRESS, network);
const answer = (body = HELLO, network: NetworkId = NETWORK): Frame =>
  fromNode({ type: 'hello', body, ...at }, NODE, network);
const session = sessionId(greet().header.bd, answer().header.bd);
const accept = (inSession = session, signer = NODE, network = NETWORK): Frame =>
  fromNode(
    {
      type: 'job.accept',
      body: { job: RECEIPT.job, attempt: 1, request_digest: digestOf('x'), position: 0 },
      seq: 1,
      timeMs: TIME_MS,
      session: inSession,
    },
    signer,
    network,
  );
const byNode = (frame: Frame, node = NODE.address, network = NETWORK) =>
  refusalOf(() => verifyNodeFrame(network, frame.header, node));
const byNetwork = (frame: Frame, node: string, network = NETWORK) =>
  refusalOf(() => verifyNetworkFrame(network, frame.header, node, [ONLINE.address]));

test('accepts greeting, hello and a frame of the session where they belong', () => {
  expect(byNetwork(greet(), ZERO_ADDRESS)).toBe('accepted');
  expect(byNode(answer())).toBe('accepted');
  expect(byNode(accept())).toBe('accepted');
  expect(byNode(accept(), NODE.address.toLowerCase())).toBe('accepted');
});

test('same frame twice: the sequence is broken', () => {
  const check = createSequenceCheck();
  check.accept(0);
  check.accept(1);
  expect(refusalOf(() => check.accept(1))).toBe('sequence_gap');
  expect(refusalOf(() => check.accept(3))).toBe('sequence_gap');
  check.accept(2);
});

test('counts a direction from zero, by one', () => {
  const next = createSequence();
  const check = createSequenceCheck();
  for (let turn = 0; turn < 100; turn++) check.accept(next());
  expect(next()).toBe(100);
});

test('frame of an older session: the signature covers its session, which is another', () => {
  const old = accept(sessionId(digestOf('old greeting'), answer().header.bd));
  expect(old.header.s).not.toBe(session);
  expect(byNode({ ...old, header: { ...old.header, s: session } })).toBe('signature_invalid');
});

test('frame of another node: its key is not the one the session belongs to', () => {
  expect(byNode(accept(session, OTHER_NODE))).toBe('signature_invalid');
  expect(byNode(accept(), OTHER_NODE.address)).toBe('signature_invalid');
});

test.each(Object.entries(OTHER_NETWORKS))('frame of a network that differs in its %s', (_, other) => {
  expect(byNode(accept(session, NODE, other))).toBe('signature_invalid');
  expect(byNetwork(greet(GREETING, other), ZERO_ADDRESS)).toBe('signature_invalid');
});

test('frame of another protocol major: the major is in the EIP-712 domain and in the tag of the session', () => {
  expect(sessionId(greet().header.bd, answer().header.bd)).toBe(
    bytes32Of(`resultity.session.v1${greet().header.bd}${answer().header.bd}`),
  );
});

test('hello recorded and replayed: another greeting has another nonce and makes another session', () => {
  const later = greet({ ...GREETING, nonce: bytes32Of('later nonce') });
  expect(answer().header.s).toBeUndefined();
  expect(sessionId(later.header.bd, answer().header.bd)).not.toBe(session);
});

test('hello relayed under another name: it names the origin the node dialled', () => {
  expect(answer({ ...HELLO, audience: 'wss://relay.example' }).header.bd).not.toBe(answer().header.bd);
});

test('receipt replayed to a second network: no key fits there', () => {
  const signature = NODE.signReceipt(NETWORK, RECEIPT);
  for (const network of Object.values(OTHER_NETWORKS)) {
    expect(recoverSigner(receiptHash(network, RECEIPT), signature)).not.toBe(NODE.address);
  }
});

test('body swapped under a valid header: the digest no longer fits, and a new one breaks the signature', () => {
  const { header } = accept();
  const swapped = '{"job":"x"}';
  expect(refusalOf(() => read(encodeFrame(header, swapped)))).toBe('digest_mismatch');
  const honest = read(encodeFrame({ ...header, bd: digestOf(swapped) }, swapped));
  expect(byNode(honest)).toBe('signature_invalid');
});

test.each(['t', 'n', 'ts'] as const)('header field %s swapped: the signature covers it', (field) => {
  const { header, body } = accept();
  const other = { t: 'job.decline', n: 2, ts: TIME_MS + 1 }[field];
  expect(byNode({ header: { ...header, [field]: other }, body })).toBe('signature_invalid');
});

test('greeting of an old day replayed to the node: no session can be made of it', () => {
  // It verifies, for the node cannot know yet. But the welcome must be signed for a session that contains the nonce
  // of this hello, and only the network can sign one.
  const old = greet({ ...GREETING, time_ms: TIME_MS - 86_400_000, nonce: bytes32Of('old nonce') });
  expect(byNetwork(old, ZERO_ADDRESS)).toBe('accepted');
  const fresh = sessionId(old.header.bd, answer({ ...HELLO, nonce: bytes32Of('old nonce') }).header.bd);
  expect(fresh).not.toBe(session);
  const body = { session, standing: { state: 'active' as const }, stop: [], have: [], resume: [] };
  const times = { heartbeat_ms: 1, ping_ms: 1, dead_ms: 1, lease_ms: 1 };
  const welcome = fromNetwork(
    { type: 'welcome', body: { ...body, ...times }, seq: 1, timeMs: TIME_MS, session },
    NODE.address,
  );
  expect(byNetwork(welcome, NODE.address)).toBe('accepted');
  expect(byNetwork({ ...welcome, header: { ...welcome.header, s: fresh } }, NODE.address)).toBe(
    'signature_invalid',
  );
});

test('a statement to one node is none to another, and none to all', () => {
  const ack = fromNetwork(
    {
      type: 'result.ack',
      body: { job: RECEIPT.job, attempt: 1, receipt_digest: digestOf('x'), verdict: 'accepted' },
      seq: 2,
      timeMs: TIME_MS,
      session,
    },
    NODE.address,
  );
  expect(byNetwork(ack, NODE.address)).toBe('accepted');
  expect(byNetwork(ack, OTHER_NODE.address)).toBe('signature_invalid');
  expect(byNetwork(ack, ZERO_ADDRESS)).toBe('signature_invalid');
});

test('only keys the root lists for the online role speak for the network', () => {
  const stranger = createSigner(keyOf('stranger'));
  const forged = read(
    encodeMessage(
      { type: 'greeting', body: GREETING, ...at },
      signAsNetwork(NETWORK, stranger, ZERO_ADDRESS),
    ),
  );
  expect(byNetwork(forged, ZERO_ADDRESS)).toBe('signature_invalid');
  const both = [ONLINE.address, stranger.address.toLowerCase()];
  expect(refusalOf(() => verifyNetworkFrame(NETWORK, forged.header, ZERO_ADDRESS, both))).toBe('accepted');
});

test('a message carries exactly one signature', () => {
  const { header } = accept();
  const [one] = header.sig ?? [];
  expect(one).toBeDefined();
  expect(onlySignature(header)).toBe(one);
  const { sig: _, ...unsigned } = header;
  expect(refusalOf(() => onlySignature(unsigned))).toBe('signature_invalid');
  expect(refusalOf(() => onlySignature({ ...header, sig: [one ?? '', one ?? ''] }))).toBe(
    'signature_invalid',
  );
});

test('the session id depends on every byte of greeting and hello', () => {
  const ids = [
    session,
    sessionId(answer().header.bd, greet().header.bd),
    sessionId(greet({ ...GREETING, time_ms: TIME_MS + 1 }).header.bd, answer().header.bd),
    sessionId(greet().header.bd, answer({ ...HELLO, agent_version: '0.1.1' }).header.bd),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
