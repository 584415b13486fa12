import { hashTypedData, recoverTypedDataAddress, verifyTypedData } from 'viem';
import { expect, test } from 'vitest';
import {
  NETWORK,
  NODE,
  ONLINE,
  OTHER_NETWORKS,
  OTHER_NODE,
  RECEIPT,
  SESSION,
  TIME_MS,
} from '../../scripts/vectors/samples.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { type Receipt, receipt, receiptHash, receiptTypedData } from '../../src/protocol/receipt.js';
import { recoverSigner } from '../../src/protocol/signature.js';
import {
  type Envelope,
  envelopeHash,
  envelopeTypedData,
  type Statement,
  statementHash,
  statementTypedData,
} from '../../src/protocol/typed-data.js';

type Hex = `0x${string}`;
/** What any EIP-712 library takes; viem's types want literals our wire types do not carry. */
type AnyTypedData = Parameters<typeof hashTypedData>[0];
const forViem = (typed: object): AnyTypedData => typed as AnyTypedData;

const ENVELOPE: Envelope = {
  node: NODE.address,
  kind: 'heartbeat',
  session: SESSION,
  seq: 4,
  timeMs: TIME_MS,
  body: bytes32Of('body'),
};
const STATEMENT: Statement = { role: 'online', ...ENVELOPE };

/** One signed kind: how it is hashed and shown, and another value for each of its fields. */
const KINDS = {
  receipt: {
    hash: (network: typeof NETWORK, fields: Receipt) => receiptHash(network, fields),
    typed: (network: typeof NETWORK, fields: Receipt) => receiptTypedData(network, fields),
    signature: NODE.signReceipt(NETWORK, RECEIPT),
    signer: NODE.address,
    fields: RECEIPT,
    others: {
      job: '01JGFJJZ00TESTTESTTESTTESV',
      attempt: 2,
      node: OTHER_NODE.address,
      session: bytes32Of('another session'),
      config_version: 8,
      config_digest: digestOf('another'),
      model: 'tinier',
      model_digest: digestOf('another'),
      runtime_digest: digestOf('another'),
      agent_version: '0.1.1',
      request_digest: digestOf('another'),
      output_digest: digestOf('another'),
      output_bytes: 16,
      stream_head: bytes32Of('another'),
      chunk_count: 2,
      prompt_tokens: 13,
      completion_tokens: 35,
      finish_reason: 'length',
      outcome: 'cancelled',
      accepted_ms: TIME_MS + 1,
      queue_ms: 4,
      first_token_ms: 51,
      total_ms: 401,
      seq: 2,
      previous: digestOf('another'),
    } satisfies Receipt,
  },
  envelope: {
    hash: (network: typeof NETWORK, fields: Envelope) => envelopeHash(network, fields),
    typed: (network: typeof NETWORK, fields: Envelope) => envelopeTypedData(network, fields),
    signature: NODE.signEnvelope(NETWORK, ENVELOPE),
    signer: NODE.address,
    fields: ENVELOPE,
    others: {
      node: OTHER_NODE.address,
      kind: 'job.accept',
      session: bytes32Of('another session'),
      seq: 5,
      timeMs: TIME_MS + 1,
      body: bytes32Of('another'),
    } satisfies Envelope,
  },
  statement: {
    hash: (network: typeof NETWORK, fields: Statement) => statementHash(network, fields),
    typed: (network: typeof NETWORK, fields: Statement) => statementTypedData(network, fields),
    signature: ONLINE.signStatement(NETWORK, STATEMENT),
    signer: ONLINE.address,
    fields: STATEMENT,
    others: {
      role: 'config',
      node: OTHER_NODE.address,
      kind: 'welcome',
      session: bytes32Of('another session'),
      seq: 5,
      timeMs: TIME_MS + 1,
      body: bytes32Of('another'),
    } satisfies Statement,
  },
} as const;

interface Kind {
  readonly hash: (network: typeof NETWORK, fields: never) => string;
  readonly typed: (network: typeof NETWORK, fields: never) => object;
  readonly signature: string;
  readonly signer: string;
  readonly fields: object;
  readonly others: object;
}
const kinds = Object.entries(KINDS) as unknown as [string, Kind][];
const asFields = (fields: object): never => fields as never;

test.each(kinds)('another EIP-712 implementation hashes and verifies a %s alike', async (_, kind) => {
  const typed = forViem(kind.typed(NETWORK, asFields(kind.fields)));
  expect(hashTypedData(typed)).toBe(kind.hash(NETWORK, asFields(kind.fields)));
  expect(
    await verifyTypedData({ ...typed, address: kind.signer as Hex, signature: kind.signature as Hex }),
  ).toBe(true);
});

test.each(kinds)('a %s with any one field changed is no longer what was signed', async (_, kind) => {
  expect(Object.keys(kind.others).sort()).toEqual(Object.keys(kind.fields).sort());
  for (const [field, value] of Object.entries(kind.others)) {
    const changed = { ...kind.fields, [field]: value };
    const hash = kind.hash(NETWORK, asFields(changed));
    expect(hash, field).not.toBe(kind.hash(NETWORK, asFields(kind.fields)));
    expect(recoverSigner(hash, kind.signature), field).not.toBe(kind.signer);
    const signature = kind.signature as Hex;
    const typed = forViem(kind.typed(NETWORK, asFields(changed)));
    expect(await recoverTypedDataAddress({ ...typed, signature }), field).not.toBe(kind.signer);
  }
});

test.each(kinds)(
  'a %s made for one network fails on one that differs in name, chain or genesis alone',
  (_, kind) => {
    for (const [difference, network] of Object.entries(OTHER_NETWORKS)) {
      const hash = kind.hash(network, asFields(kind.fields));
      expect(recoverSigner(hash, kind.signature), difference).not.toBe(kind.signer);
    }
  },
);

test('hashes its signed fields once each: no two kinds share a hash over the same facts', () => {
  const hashes = kinds.map(([, kind]) => kind.hash(NETWORK, asFields(kind.fields)));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('an envelope never passes for a statement, nor a statement for an envelope', () => {
  const asStatement = statementHash(NETWORK, STATEMENT);
  const asEnvelope = envelopeHash(NETWORK, ENVELOPE);
  expect(recoverSigner(asStatement, NODE.signEnvelope(NETWORK, ENVELOPE))).not.toBe(NODE.address);
  expect(recoverSigner(asEnvelope, ONLINE.signStatement(NETWORK, STATEMENT))).not.toBe(ONLINE.address);
});

test('names every field of the receipt in its struct, once', () => {
  const { types, message } = receiptTypedData(NETWORK, RECEIPT);
  expect(types.Receipt.map(({ name }) => name)).toEqual(Object.keys(message));
  expect(
    Object.keys(message).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  ).toEqual(Object.keys(receipt.shape));
});

test('hashes an address by its value, even under a false checksum', () => {
  const lower = NODE.address.toLowerCase();
  const falseChecksum = `${NODE.address.slice(0, 2)}${[...NODE.address.slice(2)]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')}`;
  for (const node of [lower, falseChecksum, `0x${lower.slice(2).toUpperCase()}`]) {
    expect(envelopeHash(NETWORK, { ...ENVELOPE, node })).toBe(envelopeHash(NETWORK, ENVELOPE));
    expect(statementHash(NETWORK, { ...STATEMENT, node })).toBe(statementHash(NETWORK, STATEMENT));
    expect(receiptHash(NETWORK, { ...RECEIPT, node })).toBe(receiptHash(NETWORK, RECEIPT));
  }
});

test('refuses a receipt text that UTF-8 cannot carry, before anything hashes it', () => {
  for (const half of ['\ud83d', 'a\udc00', '\ude00\ud83d']) {
    expect(receipt.safeParse({ ...RECEIPT, finish_reason: half }).success).toBe(false);
    expect(receipt.safeParse({ ...RECEIPT, agent_version: half }).success).toBe(false);
  }
  expect(receipt.parse({ ...RECEIPT, finish_reason: '😀' }).finish_reason).toBe('😀');
});
