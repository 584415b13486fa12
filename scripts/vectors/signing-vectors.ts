// Keys, signatures in and out of the canonical form, and the three EIP-712 structs.
import { SigningKey } from 'ethers/crypto';
import { bytes32Of } from '../../src/protocol/digest.js';
import { type NetworkId, networkSalt } from '../../src/protocol/network-id.js';
import { ZERO_ADDRESS, ZERO_BYTES32 } from '../../src/protocol/primitives.js';
import { type Receipt, receiptHash, receiptTypedData } from '../../src/protocol/receipt.js';
import { createSigner } from '../../src/protocol/signer.js';
import {
  type Envelope,
  envelopeHash,
  envelopeTypedData,
  type Statement,
  statementHash,
  statementTypedData,
} from '../../src/protocol/typed-data.js';
import {
  CONFIG_KEYS,
  keyOf,
  NETWORK,
  NODE,
  ONLINE,
  OTHER_NETWORKS,
  RECEIPT,
  SESSION,
  TIME_MS,
} from './samples.js';
import type { Vector, VectorFile } from './vector-file.js';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (value: bigint): string => value.toString(16).padStart(64, '0');

export const keyVectors: VectorFile = {
  about:
    'The keys of all vectors. A private key is SHA-256 of "resultity test key " followed by its name; never use one for ' +
    'anything else. The address is shown with its EIP-55 checksum.',
  vectors: [
    ['node', 'The node that signs.'],
    ['other node', 'A node that must not pass for it.'],
    ['online', "The network's online key."],
    ['config 1', 'Config key; two of three are needed.'],
    ['config 2', 'Config key; two of three are needed.'],
    ['config 3', 'Config key; two of three are needed.'],
    ['owner', "An owner's wallet."],
  ].map(([name = '', about = '']) => ({
    name,
    about,
    private_key: keyOf(name),
    public_key: new SigningKey(keyOf(name)).publicKey,
    address: createSigner(keyOf(name)).address,
  })),
};

const HASH = receiptHash(NETWORK, RECEIPT);
const GOOD = NODE.signReceipt(NETWORK, RECEIPT);
const R = GOOD.slice(2, 66);
const S = GOOD.slice(66, 130);
const V = GOOD.slice(130);
const OTHER_V = V === '1b' ? '1c' : '1b';
const COMPACT = `0x${R}${hex(BigInt(`0x${S}`) | (V === '1c' ? 1n << 255n : 0n))}`;

const refused = (name: string, about: string, signature: string): Vector => ({
  name,
  about,
  digest: HASH,
  signature,
  refusal: 'signature_invalid',
});

export const signatureVectors: VectorFile = {
  about:
    'secp256k1 signatures over a 32-byte digest. One form is accepted: 65 bytes r, s, v as 0x and 130 lower-case hex ' +
    'digits, r and s not zero, s at most half the order, v 27 or 28. Everything else is refused before any library sees it.',
  vectors: [
    {
      name: 'canonical',
      about: 'Recovers to the signer.',
      digest: HASH,
      signature: GOOD,
      signer: NODE.address,
    },
    refused('v-0-or-1', 'v counted from 0.', `0x${R}${S}${V === '1b' ? '00' : '01'}`),
    refused('eip-155-v', 'v with a chain id.', `0x${R}${S}25`),
    refused('eip-2098', 'The compact form.', COMPACT),
    refused(
      'high-s',
      'The malleable twin: order minus s, the other v.',
      `0x${R}${hex(ORDER - BigInt(`0x${S}`))}${OTHER_V}`,
    ),
    refused('upper-case', 'Upper-case digits.', `0x${GOOD.slice(2).toUpperCase()}`),
    refused('no-prefix', 'Without 0x.', GOOD.slice(2)),
    refused('too-short', 'One digit less.', GOOD.slice(0, -1)),
    refused('too-long', 'One byte more.', `${GOOD}00`),
    refused('line-feed', 'A line feed at the end.', `${GOOD}\n`),
    refused('zero-r', 'r is zero.', `0x${'0'.repeat(64)}${S}${V}`),
    refused('zero-s', 's is zero.', `0x${R}${'0'.repeat(64)}${V}`),
    refused('r-beyond-order', 'r is the order.', `0x${hex(ORDER)}${S}${V}`),
  ],
};

const NETWORKS: Readonly<Record<string, NetworkId>> = {
  devnet: NETWORK,
  'other-name': OTHER_NETWORKS.name,
  'other-chain': OTHER_NETWORKS.chainId,
  'other-genesis': OTHER_NETWORKS.genesis,
};

const IN_SESSION: Envelope = {
  node: NODE.address,
  kind: 'heartbeat',
  session: SESSION,
  seq: 4,
  timeMs: TIME_MS,
  body: bytes32Of('{"any":"body"}'),
};
const OUTSIDE: Envelope = { ...IN_SESSION, kind: 'register', session: ZERO_BYTES32, seq: 0 };
const LARGEST: Envelope = { ...IN_SESSION, seq: Number.MAX_SAFE_INTEGER, timeMs: Number.MAX_SAFE_INTEGER };

const envelope = (name: string, about: string, network: NetworkId, fields: Envelope): Vector => ({
  name,
  about,
  network,
  salt: networkSalt(network),
  envelope: fields,
  typed_data: envelopeTypedData(network, fields),
  hash: envelopeHash(network, fields),
  signature: NODE.signEnvelope(network, fields),
  signer: NODE.address,
});

export const envelopeVectors: VectorFile = {
  about:
    'What a node signs over a frame: EIP-712 struct Envelope. The domain salt and the field network are ' +
    'SHA-256(name, one zero byte, 32 bytes of the genesis digest). kind is the header field t, session s (zero outside a ' +
    'session), seq n, timeMs ts, body the 32 bytes of bd.',
  vectors: [
    ...Object.entries(NETWORKS).map(([name, network]) =>
      envelope(
        name,
        'The same envelope; only the network differs, and so does the hash.',
        network,
        IN_SESSION,
      ),
    ),
    envelope('outside-a-session', 'A signed HTTP request: session zero, seq 0.', NETWORK, OUTSIDE),
    envelope('largest-numbers', 'Numbers as large as the wire carries.', NETWORK, LARGEST),
  ],
};

const statement = (name: string, about: string, fields: Statement, network = NETWORK): Vector => {
  const signer = fields.role === 'online' ? ONLINE : CONFIG_KEYS[0];
  return {
    name,
    about,
    network,
    statement: fields,
    typed_data: statementTypedData(network, fields),
    hash: statementHash(network, fields),
    signature: signer?.signStatement(network, fields),
    signer: signer?.address,
  };
};

export const statementVectors: VectorFile = {
  about:
    'What the network signs: EIP-712 struct Statement. It differs from Envelope in its name and its field role, so neither ' +
    "side's signature passes for the other's. node is the zero address where it is said to all.",
  vectors: [
    statement('to-one-node', 'A frame of a session.', { ...IN_SESSION, kind: 'result.ack', role: 'online' }),
    statement('greeting', 'Said before the node is known.', {
      ...OUTSIDE,
      kind: 'greeting',
      role: 'online',
      node: ZERO_ADDRESS,
    }),
    statement('configuration', 'A signed document: seq is its version.', {
      ...OUTSIDE,
      kind: 'config',
      role: 'config',
      node: ZERO_ADDRESS,
      seq: 7,
    }),
    statement(
      'other-network',
      'The greeting of a network with another genesis.',
      { ...OUTSIDE, kind: 'greeting', role: 'online', node: ZERO_ADDRESS },
      OTHER_NETWORKS.genesis,
    ),
  ],
};

const receipt = (name: string, about: string, wire: Receipt, network = NETWORK): Vector => ({
  name,
  about,
  network,
  receipt: wire,
  typed_data: receiptTypedData(network, wire),
  hash: receiptHash(network, wire),
  receipt_digest: `sha256:${receiptHash(network, wire).slice(2)}`,
  signature: NODE.signReceipt(network, wire),
  signer: NODE.address,
});

export const receiptVectors: VectorFile = {
  about:
    'A receipt on the wire, the same as EIP-712 typed data, its hash, and the signature. receipt_digest is how the chain ' +
    '(field previous of the next receipt) and result.ack name it: the EIP-712 hash with the prefix sha256: by convention.',
  vectors: [
    receipt('completed', 'An attempt that ended well.', RECEIPT),
    receipt('second-of-the-chain', 'previous names the receipt before it.', {
      ...RECEIPT,
      job: '01JGFJJZ00TESTTESTTESTTESV',
      seq: 2,
      previous: `sha256:${HASH.slice(2)}`,
    }),
    receipt('interrupted', 'Nothing was produced.', {
      ...RECEIPT,
      outcome: 'interrupted',
      finish_reason: '',
      output_bytes: 0,
      chunk_count: 0,
      prompt_tokens: 0,
      completion_tokens: 0,
      first_token_ms: 0,
    }),
    receipt('unicode', 'Strings are hashed as UTF-8.', { ...RECEIPT, finish_reason: 'fin – 終 – 😀' }),
    receipt(
      'other-network',
      'The same receipt for a network with another name.',
      RECEIPT,
      OTHER_NETWORKS.name,
    ),
  ],
};
