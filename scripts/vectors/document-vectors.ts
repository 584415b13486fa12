// The trust root, documents the network signs, and the text an owner signs.
import { decodeFrame, encodeFrame } from '../../src/protocol/frame.js';
import { ownerConsentText } from '../../src/protocol/owner-consent.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { type DocumentFacts, signDocument } from '../../src/protocol/signed-document.js';
import type { NetworkSigner } from '../../src/protocol/signer.js';
import {
  CONFIG,
  CONFIG_KEYS,
  NETWORK,
  NODE,
  ONLINE,
  OTHER_NETWORKS,
  OWNER,
  ROOT_BYTES,
  TIME_MS,
} from './samples.js';
import type { Vector, VectorFile } from './vector-file.js';

const BODY = JSON.stringify(CONFIG);
const FACTS: DocumentFacts = { kind: 'config', role: 'config', seq: 7, timeMs: TIME_MS, node: ZERO_ADDRESS };
const [one, two, three] = CONFIG_KEYS;

const sign = (
  signers: readonly NetworkSigner[],
  facts: Partial<DocumentFacts> = {},
  network = NETWORK,
): Buffer => signDocument(network, { ...FACTS, ...facts }, Buffer.from(BODY), signers);

const document = (name: string, about: string, bytes: Buffer, more: object = {}): Vector => ({
  name,
  about,
  expected: { kind: 'config', role: 'config', node: ZERO_ADDRESS },
  document: bytes.toString(),
  ...more,
});
const refused = (name: string, about: string, bytes: Buffer, refusal = 'signature_invalid'): Vector =>
  document(name, about, bytes, { refusal });

const relabelled = (): Buffer => {
  const { header, body } = decodeFrame(sign([one, two]), 65_536);
  return encodeFrame({ ...header, n: 8 }, body);
};
const repeated = (): Buffer => {
  const { header, body } = decodeFrame(sign([one]), 65_536);
  return encodeFrame({ ...header, sig: [...(header.sig ?? []), ...(header.sig ?? [])] }, body);
};

export const documentVectors: VectorFile & { readonly root: string; readonly genesis: string } = {
  about:
    'Signed documents are frames whose header carries several signatures, each over Statement{role, kind = t, node, ' +
    'session = 0, seq = n, timeMs = ts, body = bd}. root is the exact text of the trust root all of them are judged by; ' +
    'genesis is its SHA-256. The config role needs two of its three keys; each key counts once.',
  root: ROOT_BYTES.toString(),
  genesis: NETWORK.genesis,
  vectors: [
    document('two-of-three', 'Enough.', sign([one, two]), { body: BODY }),
    document('another-two', 'Any two.', sign([three, one]), { body: BODY }),
    document(
      'all-and-a-stranger',
      'A signature that counts for nothing does no harm.',
      sign([one, two, three, NODE]),
      {
        body: BODY,
      },
    ),
    refused('one-of-three', 'Below the threshold.', sign([one])),
    refused('one-twice', 'A key counts once.', repeated()),
    refused('foreign-role', 'The online key has no voice here.', sign([one, ONLINE])),
    refused(
      'signed-for-another-role',
      'The role is part of what is signed.',
      sign([one, two], { role: 'online' }),
    ),
    refused(
      'for-one-node',
      'Meant for one node, presented to all.',
      sign([one, two], { node: NODE.address }),
    ),
    refused('version-raised', 'The header says another version than was signed.', relabelled()),
    refused(
      'other-kind',
      'A document of another kind.',
      sign([one, two], { kind: 'report.receipt' }),
      'malformed',
    ),
    ...Object.entries(OTHER_NETWORKS).map(([difference, network]) =>
      refused(
        `other-${difference}`,
        `Signed for a network that differs in its ${difference}.`,
        sign([one, two], {}, network),
      ),
    ),
  ],
};

const CONSENT = {
  domain: 'account.resultity.com',
  uri: 'https://account.resultity.com/nodes',
  owner: OWNER.address,
  node: NODE.address,
  network: NETWORK.name,
  chainId: NETWORK.chainId,
  nonce: '0123456789abcdef0123456789abcdef',
  issuedMs: TIME_MS,
  expiresMs: TIME_MS + 600_000,
};

export const consentVectors: VectorFile = {
  about:
    "The ERC-4361 text an owner's wallet signs (EIP-191, personal_sign) to claim a node. Byte for byte, no LF at the end.",
  vectors: [
    {
      name: 'wallet',
      about: 'The text and its signature.',
      consent: CONSENT,
      text: ownerConsentText(CONSENT),
      signature: OWNER.signText(ownerConsentText(CONSENT)),
      signer: OWNER.address,
    },
    {
      name: 'changed',
      about: 'The same signature under a text that ends with a line feed.',
      text: `${ownerConsentText(CONSENT)}\n`,
      signature: OWNER.signText(ownerConsentText(CONSENT)),
      signer: OWNER.address,
      refusal: 'signature_invalid',
    },
  ],
};
