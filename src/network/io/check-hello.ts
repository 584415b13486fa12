// Who is there: checks a hello against this socket's greeting, in the order that tells a stranger least.

import { CLOSE } from '../../protocol/codes.js';
import type { Frame } from '../../protocol/frame.js';
import { verifyNodeFrame } from '../../protocol/handshake.js';
import { PROTOCOL_VERSION } from '../../protocol/limits.js';
import { parseMessage } from '../../protocol/message-codec.js';
import type { Hello } from '../../protocol/messages/session.js';
import type { NetworkId } from '../../protocol/network-id.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import { isOwnOrigin, type OwnOrigins } from './own-origin.js';
import { SessionRefusedError } from './session-refused-error.js';
import type { Dialled } from './socket-port.js';

export interface HelloContext {
  readonly network: NetworkId;
  readonly registry: NodeRegistry;
  readonly own: OwnOrigins;
  readonly dialled: Dialled;
  /** Of the greeting sent on this socket. */
  readonly nonce: string;
}

/** Code of an exclusion that ends an identity for good. */
export const IDENTITY_REVOKED = 'identity_revoked';

/**
 * @param frame the socket's first frame, number 0, checked for size and digest
 * @throws SessionRefusedError with the close code; ProtocolError for a broken frame
 */
export const checkHello = (
  frame: Frame,
  context: HelloContext,
): { readonly hello: Hello; readonly record: NodeRecord } => {
  const { network, registry, own, dialled, nonce } = context;
  if (frame.header.t !== 'hello' || frame.header.s !== undefined) {
    throw new ProtocolError('malformed', `the first frame must be a hello without session`);
  }
  const message = parseMessage(frame, 'node');
  if (message.type !== 'hello') throw new ProtocolError('malformed', 'the first frame must be a hello');
  const hello = message.body;
  verifyNodeFrame(network, frame.header, hello.node);
  if (hello.nonce !== nonce) {
    throw new SessionRefusedError(
      CLOSE.unauthenticated,
      'nonce_mismatch',
      'the hello answers another greeting',
    );
  }
  if (!isOwnOrigin(hello.audience, own, dialled)) {
    throw new SessionRefusedError(
      CLOSE.unauthenticated,
      'audience_mismatch',
      `the hello is meant for '${hello.audience}', which is not an origin of this network; ` +
        "its operator can add it to the network's origins",
    );
  }
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new SessionRefusedError(
      CLOSE.agentTooOld,
      'unsupported_protocol',
      `this network speaks protocol ${PROTOCOL_VERSION}, the node ${hello.protocol}`,
    );
  }
  const record = registry.find(hello.node);
  if (record === undefined) {
    throw new SessionRefusedError(
      CLOSE.unauthenticated,
      'not_registered',
      'this node is not registered here; register it, then connect again',
    );
  }
  if (record.exclusion?.code === IDENTITY_REVOKED) {
    throw new SessionRefusedError(CLOSE.identityRefused, IDENTITY_REVOKED, record.exclusion.text);
  }
  return { hello, record };
};
