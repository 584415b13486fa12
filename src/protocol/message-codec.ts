// A typed message to a frame and back, with sequence, session and signature. Both sides use it; each holds its own end.
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { digestOf, digestToBytes32 } from './digest.js';
import { encodeFrame, type Frame, type FrameHeader } from './frame.js';
import { isMessageType, MESSAGES, type MessageBody, type MessageType } from './messages/catalogue.js';
import type { Address, Bytes32, SignatureHex } from './primitives.js';
import { ZERO_BYTES32 } from './primitives.js';
import { ProtocolError } from './protocol-error.js';

/** What a signature over a message covers, apart from the signer: `kind`, `session`, `seq`, `timeMs`, `body`. */
export interface SignedFacts {
  readonly kind: string;
  readonly session: Bytes32;
  readonly seq: number;
  readonly timeMs: number;
  readonly body: Bytes32;
}

export interface Outgoing<T extends MessageType> {
  readonly type: T;
  readonly body: MessageBody<T>;
  readonly seq: number;
  readonly timeMs: number;
  readonly session: Bytes32 | undefined;
}

/** @param sign called for message kinds that must be signed */
export const encodeMessage = <T extends MessageType>(
  message: Outgoing<T>,
  sign: (facts: SignedFacts) => SignatureHex,
): Buffer => {
  const body = Buffer.from(JSON.stringify(message.body));
  const kind = MESSAGES[message.type];
  if (body.length > kind.maxBytes) {
    throw new ProtocolError(
      'too_large',
      `${message.type} of ${body.length} bytes; at most ${kind.maxBytes} fit`,
    );
  }
  const bd = digestOf(body);
  const header: FrameHeader = {
    t: message.type,
    n: message.seq,
    ts: message.timeMs,
    bd,
    ...(message.session === undefined ? {} : { s: message.session }),
  };
  if (!kind.signed) return encodeFrame(header, body);
  return encodeFrame({ ...header, sig: [sign(signedFacts(header))] }, body);
};

/** The facts a frame's signature must cover. */
export const signedFacts = (header: FrameHeader): SignedFacts => ({
  kind: header.t,
  session: header.s ?? ZERO_BYTES32,
  seq: header.n,
  timeMs: header.ts,
  body: digestToBytes32(header.bd),
});

/** A received message of a known kind whose body has been parsed. */
export type Incoming = {
  [T in MessageType]: { readonly type: T; readonly body: MessageBody<T>; readonly header: FrameHeader };
}[MessageType];

/**
 * Parses a frame's body by its type. Call it after sequence and signature were checked.
 * @param from the side that sent it
 * @throws ProtocolError `unsupported_type`, `too_large`, `malformed`
 */
export const parseMessage = (frame: Frame, from: 'node' | 'network'): Incoming => {
  const type = frame.header.t;
  if (!isMessageType(type))
    throw new ProtocolError('unsupported_type', `message type '${type}' is not known here`);
  const kind = MESSAGES[type];
  if (kind.direction === (from === 'node' ? 'down' : 'up')) {
    throw new ProtocolError('malformed', `'${type}' does not travel in this direction`);
  }
  const json = parseBoundedJson(frame.body, { maxBytes: kind.maxBytes });
  const parsed = kind.schema.safeParse(json);
  if (!parsed.success) throw new ProtocolError('malformed', `${type}: ${z.prettifyError(parsed.error)}`);
  return { type, body: parsed.data, header: frame.header } as Incoming;
};

/** Whether a message of this kind must carry exactly one signature. Unknown kinds need none. */
export const mustBeSigned = (type: string): boolean => isMessageType(type) && MESSAGES[type].signed;

/** The one signature of a message. @throws ProtocolError when there is none or more than one */
export const onlySignature = (header: FrameHeader): SignatureHex => {
  const [signature, ...more] = header.sig ?? [];
  if (signature === undefined || more.length > 0) {
    throw new ProtocolError('signature_invalid', `'${header.t}' must carry exactly one signature`);
  }
  return signature;
};

/** @throws ProtocolError `signature_invalid` unless the recovered address is among the expected ones */
export const expectSigner = (recovered: Address, expected: readonly Address[], what: string): void => {
  if (!expected.some((one) => one.toLowerCase() === recovered.toLowerCase())) {
    throw new ProtocolError('signature_invalid', `${what} is signed by ${recovered}, which may not sign it`);
  }
};
