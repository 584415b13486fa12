// The one container of protocol v1: a line of JSON header, a line feed, body bytes.
// WebSocket messages, signed HTTP bodies and signed documents on disk all have this shape, so that a receiver
// checks size, digest and signature of the bytes before it parses the body.
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { digestOf } from './digest.js';
import { LIMITS } from './limits.js';
import { bytes32, count, digest, millis, signatureHex } from './primitives.js';
import { ProtocolError } from './protocol-error.js';

/**
 * `t` type · `n` sequence in this direction · `ts` sender's clock, ms since the epoch · `bd` SHA-256 of the body ·
 * `s` session · `r` sequence this answers · `sig` signatures (one for a message, up to 16 for a document) ·
 * `crit` an unknown type must be answered with an error.
 */
export const frameHeader = z.object({
  t: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/),
  n: count,
  ts: millis,
  bd: digest,
  s: bytes32.optional(),
  r: count.optional(),
  sig: z.array(signatureHex).min(1).max(16).optional(),
  crit: z.boolean().optional(),
});
export type FrameHeader = z.infer<typeof frameHeader>;

export interface Frame {
  readonly header: FrameHeader;
  readonly body: Uint8Array;
}

const LF = 0x0a;

/** Bytes of a frame. The header must already carry the body's digest. */
export const encodeFrame = (header: FrameHeader, body: Uint8Array | string): Buffer => {
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  return Buffer.concat([line, typeof body === 'string' ? Buffer.from(body) : body]);
};

/**
 * Splits and checks a frame: header size, header shape, body size, body digest. The body stays unparsed.
 * @param maxBodyBytes upper bound for this place; the type's own bound is checked by the session
 * @throws ProtocolError `too_large`, `malformed`, `digest_mismatch`
 */
export const decodeFrame = (bytes: Uint8Array, maxBodyBytes: number): Frame => {
  const end = bytes.subarray(0, LIMITS.headerBytes + 1).indexOf(LF);
  if (end === -1) {
    throw new ProtocolError('malformed', `no header line within the first ${LIMITS.headerBytes} bytes`);
  }
  const body = bytes.subarray(end + 1);
  if (body.length > maxBodyBytes) {
    throw new ProtocolError(
      'too_large',
      `body of ${body.length} bytes; at most ${maxBodyBytes} are accepted`,
    );
  }
  const parsed = frameHeader.safeParse(
    parseBoundedJson(bytes.subarray(0, end), { maxBytes: LIMITS.headerBytes, maxDepth: 4 }),
  );
  if (!parsed.success) throw new ProtocolError('malformed', `frame header: ${z.prettifyError(parsed.error)}`);
  if (digestOf(body) !== parsed.data.bd)
    throw new ProtocolError('digest_mismatch', 'body does not match its digest');
  return { header: parsed.data, body };
};
