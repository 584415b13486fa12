// Documents the network signs for all or for one node, kept on disk as they came: a frame whose header carries the
// signatures. Verifiable offline and byte for byte.
import { digestOf, digestToBytes32 } from './digest.js';
import { decodeFrame, encodeFrame, type Frame } from './frame.js';
import type { NetworkId } from './network-id.js';
import { type Address, ZERO_ADDRESS, ZERO_BYTES32 } from './primitives.js';
import { ProtocolError } from './protocol-error.js';
import { recoverSigner } from './signature.js';
import type { NetworkSigner } from './signer.js';
import type { TrustRoot } from './trust-root.js';
import { type NetworkRole, type Statement, statementHash } from './typed-data.js';

export interface DocumentFacts {
  /** e.g. `config`, `report.receipt` */
  readonly kind: string;
  readonly role: NetworkRole;
  /** Rising per kind where it matters (configuration version), else 0. */
  readonly seq: number;
  readonly timeMs: number;
  /** The node it is meant for; the zero address for all. */
  readonly node: Address;
}

const statement = (facts: DocumentFacts, body: Uint8Array): Statement => ({
  role: facts.role,
  kind: facts.kind,
  node: facts.node,
  session: ZERO_BYTES32,
  seq: facts.seq,
  timeMs: facts.timeMs,
  body: digestToBytes32(digestOf(body)),
});

export const signDocument = (
  network: NetworkId,
  facts: DocumentFacts,
  body: Uint8Array,
  signers: readonly NetworkSigner[],
): Buffer =>
  encodeFrame(
    {
      t: facts.kind,
      n: facts.seq,
      ts: facts.timeMs,
      bd: digestOf(body),
      sig: signers.map((signer) => signer.signStatement(network, statement(facts, body))),
    },
    body,
  );

/**
 * Checks a signed document: shape, digest, kind, and enough different keys of the role.
 * @param expected what it must say of itself; `node` defaults to all nodes
 * @returns the frame; its body is still unparsed
 * @throws ProtocolError
 */
export const verifyDocument = (
  bytes: Uint8Array,
  network: NetworkId,
  root: TrustRoot,
  expected: {
    readonly kind: string;
    readonly role: NetworkRole;
    readonly node?: Address;
    readonly maxBytes: number;
  },
): Frame => {
  const frame = decodeFrame(bytes, expected.maxBytes);
  const { t, n, ts, sig = [] } = frame.header;
  if (t !== expected.kind)
    throw new ProtocolError('malformed', `a '${expected.kind}' document says it is '${t}'`);
  const facts = { kind: t, role: expected.role, seq: n, timeMs: ts, node: expected.node ?? ZERO_ADDRESS };
  const hash = statementHash(network, statement(facts, frame.body));
  const { keys, threshold } = root.roles[expected.role];
  const trusted = new Set(keys.map((key) => key.toLowerCase()));
  const signers = new Set(
    sig.map((one) => recoverSigner(hash, one).toLowerCase()).filter((one) => trusted.has(one)),
  );
  if (signers.size < threshold) {
    throw new ProtocolError(
      'signature_invalid',
      `'${t}' carries ${signers.size} valid signature(s) of the ${expected.role} role; ${threshold} needed`,
    );
  }
  return frame;
};
