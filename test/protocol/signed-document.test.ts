import { expect, test } from 'vitest';
import {
  CONFIG,
  CONFIG_KEYS,
  NETWORK,
  NODE,
  ONLINE,
  OTHER_NETWORKS,
  OTHER_NODE,
  ROOT,
  ROOT_BYTES,
  TIME_MS,
} from '../../scripts/vectors/samples.js';
import { digestOf } from '../../src/protocol/digest.js';
import { decodeFrame, encodeFrame, type FrameHeader } from '../../src/protocol/frame.js';
import { LIMITS } from '../../src/protocol/limits.js';
import type { NetworkId } from '../../src/protocol/network-id.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { type DocumentFacts, signDocument, verifyDocument } from '../../src/protocol/signed-document.js';
import type { NetworkSigner } from '../../src/protocol/signer.js';
import { readTrustRoot, trustRoot } from '../../src/protocol/trust-root.js';
import type { NetworkRole } from '../../src/protocol/typed-data.js';
import { refusalOf } from './refusal.js';

const BODY = Buffer.from(JSON.stringify(CONFIG));
const FACTS: DocumentFacts = { kind: 'config', role: 'config', seq: 7, timeMs: TIME_MS, node: ZERO_ADDRESS };
const [first, second, third] = CONFIG_KEYS;
if (first === undefined || second === undefined || third === undefined)
  throw new Error('three keys are needed');

const sign = (
  signers: readonly NetworkSigner[] = [first, second],
  facts: Partial<DocumentFacts> = {},
  network: NetworkId = NETWORK,
) => signDocument(network, { ...FACTS, ...facts }, BODY, signers);
const verify = (
  bytes: Uint8Array,
  expected: { kind?: string; role?: NetworkRole; node?: string; maxBytes?: number } = {},
) => verifyDocument(bytes, NETWORK, ROOT, { kind: 'config', role: 'config', maxBytes: 100_000, ...expected });
const verdict = (bytes: Uint8Array, expected = {}) => refusalOf(() => verify(bytes, expected));
const resigned = (change: (sig: readonly string[]) => string[], header: Partial<FrameHeader> = {}) => {
  const frame = decodeFrame(sign(), 100_000);
  return encodeFrame({ ...frame.header, ...header, sig: change(frame.header.sig ?? []) }, frame.body);
};

test('gives back the exact body once enough keys of the role signed it', () => {
  expect(Buffer.from(verify(sign()).body).equals(BODY)).toBe(true);
  expect(verdict(sign([second, third]))).toBe('accepted');
  expect(verdict(sign([first, second, third]))).toBe('accepted');
});

test('counts a key once, however often it signed', () => {
  expect(verdict(sign([first]))).toBe('signature_invalid');
  expect(verdict(sign([first, first]))).toBe('signature_invalid');
  expect(verdict(resigned(([one = '']) => [one, one, one]))).toBe('signature_invalid');
});

test('counts no key of another role, and no stranger', () => {
  expect(verdict(sign([first, ONLINE]))).toBe('signature_invalid');
  expect(verdict(sign([ONLINE, NODE]))).toBe('signature_invalid');
  expect(verdict(sign([first, second, NODE]))).toBe('accepted');
});

test('does not let the signatures of one role pass for another, though the keys be the same', () => {
  const oneKey = { keys: [ONLINE.address], threshold: 1 };
  const sameKeys = { ...ROOT, roles: { online: oneKey, config: oneKey } };
  const said = sign([ONLINE], { role: 'online' });
  const expected = { kind: 'config', maxBytes: 100_000 };
  expect(refusalOf(() => verifyDocument(said, NETWORK, sameKeys, { ...expected, role: 'online' }))).toBe(
    'accepted',
  );
  expect(refusalOf(() => verifyDocument(said, NETWORK, sameKeys, { ...expected, role: 'config' }))).toBe(
    'signature_invalid',
  );
});

test('refuses a document of another kind, or one that was relabelled', () => {
  expect(verdict(sign([first, second], { kind: 'report.receipt' }))).toBe('malformed');
  expect(
    verdict(
      resigned((sig) => [...sig], { t: 'report.receipt' }),
      { kind: 'report.receipt' },
    ),
  ).toBe('signature_invalid');
});

test('refuses a document meant for another node, or for all, where it is meant for one', () => {
  const mine = sign([first, second], { node: NODE.address });
  expect(verdict(mine, { node: NODE.address })).toBe('accepted');
  expect(verdict(mine, { node: OTHER_NODE.address })).toBe('signature_invalid');
  expect(verdict(mine)).toBe('signature_invalid');
  expect(verdict(sign(), { node: NODE.address })).toBe('signature_invalid');
});

test.each(Object.entries(OTHER_NETWORKS))('refuses a document of a network with another %s', (_, other) => {
  expect(verdict(sign([first, second], {}, other))).toBe('signature_invalid');
});

test.each([
  ['version', { n: 8 }],
  ['time', { ts: TIME_MS + 1 }],
])('refuses a document whose %s was changed', (_, change) => {
  expect(verdict(resigned((sig) => [...sig], change))).toBe('signature_invalid');
});

test('refuses a document without signatures, with a garbled one, or with a changed body', () => {
  const { header } = decodeFrame(sign(), 100_000);
  const { sig: _, ...unsigned } = header;
  expect(verdict(encodeFrame(unsigned, BODY))).toBe('signature_invalid');
  expect(verdict(resigned(([one = '']) => [one, `${one.slice(0, -2)}00`]))).toBe('signature_invalid');
  const body = Buffer.from(BODY.toString().replace('"version":7', '"version":8'));
  expect(verdict(encodeFrame(header, body))).toBe('digest_mismatch');
  expect(verdict(encodeFrame({ ...header, bd: digestOf(body) }, body))).toBe('signature_invalid');
});

test('looks at the size before anything else', () => {
  expect(verdict(sign(), { maxBytes: BODY.length })).toBe('accepted');
  expect(verdict(sign(), { maxBytes: BODY.length - 1 })).toBe('too_large');
});

test('reads a trust root and names its network by the digest of its bytes', () => {
  expect(readTrustRoot(ROOT_BYTES, undefined)).toEqual({ root: ROOT, network: NETWORK });
  expect(readTrustRoot(ROOT_BYTES, NETWORK.genesis).network.genesis).toBe(digestOf(ROOT_BYTES));
});

test('refuses any root but the pinned one, even one that differs by a space', () => {
  const spaced = Buffer.from(`${ROOT_BYTES.toString()} `);
  expect(refusalOf(() => readTrustRoot(spaced, undefined))).toBe('accepted');
  expect(refusalOf(() => readTrustRoot(spaced, NETWORK.genesis))).toBe('network_mismatch');
  expect(refusalOf(() => readTrustRoot(Buffer.from('{}'), NETWORK.genesis))).toBe('network_mismatch');
});

test.each([
  ['kind', { kind: 'config' }],
  ['network', { network: '../devnet' }],
  ['chain id', { chain_id: 0 }],
  ['version', { version: 2 }],
  ['roles', { roles: { online: ROOT.roles.online } }],
  ['keys', { roles: { ...ROOT.roles, config: { keys: [], threshold: 1 } } }],
  [
    'number of keys',
    { roles: { ...ROOT.roles, config: { keys: Array(17).fill(ZERO_ADDRESS), threshold: 1 } } },
  ],
  ['threshold', { roles: { ...ROOT.roles, config: { keys: [ZERO_ADDRESS], threshold: 0 } } }],
  ['reachable threshold', { roles: { ...ROOT.roles, config: { keys: [ZERO_ADDRESS], threshold: 2 } } }],
  [
    'distinct keys',
    { roles: { ...ROOT.roles, config: { keys: [NODE.address, NODE.address.toLowerCase()], threshold: 2 } } },
  ],
])('refuses a root without a proper %s', (_, change) => {
  const bytes = Buffer.from(JSON.stringify({ ...ROOT, ...change }));
  expect(refusalOf(() => readTrustRoot(bytes, undefined))).toBe('malformed');
});

test('takes a root up to its size limit', () => {
  const padded = (size: number): Buffer => Buffer.from(JSON.stringify(ROOT).padEnd(size, ' '));
  expect(refusalOf(() => readTrustRoot(padded(LIMITS.rootBytes), undefined))).toBe('accepted');
  expect(refusalOf(() => readTrustRoot(padded(LIMITS.rootBytes + 1), undefined))).toBe('too_large');
  expect(trustRoot.parse({ ...ROOT, later: true })).toEqual(ROOT);
});
