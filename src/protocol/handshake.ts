// Session by challenge and response: the id both sides compute, and what each side signs and checks on its frames.
import { bytes32Of } from './digest.js';
import type { FrameHeader } from './frame.js';
import { expectSigner, onlySignature, type SignedFacts, signedFacts } from './message-codec.js';
import type { NetworkId } from './network-id.js';
import type { Address, Bytes32, Digest, SignatureHex } from './primitives.js';
import { recoverSigner } from './signature.js';
import type { NetworkSigner, NodeSigner } from './signer.js';
import { envelopeHash, statementHash } from './typed-data.js';

const TAG = 'resultity.session.v1';

/** SHA-256(tag ‖ digest of the greeting's body ‖ digest of the hello's body): bound to both nonce and answer. */
export const sessionId = (greetingDigest: Digest, helloDigest: Digest): Bytes32 =>
  bytes32Of(`${TAG}${greetingDigest}${helloDigest}`);

/** Signs a node's frame. */
export const signAsNode =
  (network: NetworkId, signer: NodeSigner) =>
  (facts: SignedFacts): SignatureHex =>
    signer.signEnvelope(network, facts);

/** Signs a network's frame to one node with an online key. */
export const signAsNetwork =
  (network: NetworkId, signer: NetworkSigner, node: Address) =>
  (facts: SignedFacts): SignatureHex =>
    signer.signStatement(network, { role: 'online', node, ...facts });

/**
 * The node that signed this frame.
 * @param claimed the node id the body names, or the session belongs to
 * @throws ProtocolError `signature_invalid`
 */
export const verifyNodeFrame = (network: NetworkId, header: FrameHeader, claimed: Address): void => {
  const hash = envelopeHash(network, { node: claimed, ...signedFacts(header) });
  expectSigner(recoverSigner(hash, onlySignature(header)), [claimed], `'${header.t}'`);
};

/**
 * @param node the node it is said to: the zero address for a greeting, which is sent before the node is known
 * @param onlineKeys addresses the trust root lists for the online role
 * @throws ProtocolError `signature_invalid`
 */
export const verifyNetworkFrame = (
  network: NetworkId,
  header: FrameHeader,
  node: Address,
  onlineKeys: readonly Address[],
): void => {
  const hash = statementHash(network, { role: 'online', node, ...signedFacts(header) });
  expectSigner(recoverSigner(hash, onlySignature(header)), onlineKeys, `'${header.t}'`);
};
