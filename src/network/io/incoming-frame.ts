// A frame of a node's before it means anything: bounded by its own type's size, and parsed where its type is known.
import { decodeFrame, type Frame } from '../../protocol/frame.js';
import { LIMITS } from '../../protocol/limits.js';
import { type Incoming, parseMessage } from '../../protocol/message-codec.js';
import { isMessageType, MESSAGES } from '../../protocol/messages/catalogue.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import type { NodeSession } from './node-session.js';

/** @throws ProtocolError `too_large` for the type's own bound, before anything is verified */
export const sizedFrame = (bytes: Uint8Array): Frame => {
  const frame = decodeFrame(bytes, LIMITS.resultBytes);
  const { t } = frame.header;
  const maxBytes = isMessageType(t) ? MESSAGES[t].maxBytes : LIMITS.controlBytes;
  if (frame.body.length > maxBytes) {
    throw new ProtocolError('too_large', `${t} of ${frame.body.length} bytes; at most ${maxBytes} fit`);
  }
  return frame;
};

/** An unknown type is answered and survived: newer nodes may know more than we do. */
export const known = (frame: Frame, send: NodeSession['send']): Incoming | undefined => {
  if (isMessageType(frame.header.t)) return parseMessage(frame, 'node');
  const text = `message type '${frame.header.t}' is not known here`;
  send('error', { code: 'unsupported_type', text, about: frame.header.n, fatal: false });
  return undefined;
};
