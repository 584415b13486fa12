// Signed HTTP requests of a node: frames outside a session. The server nonce in the body makes each usable once.
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { digestOf } from './digest.js';
import { decodeFrame, encodeFrame, type FrameHeader } from './frame.js';
import { signAsNode, verifyNodeFrame } from './handshake.js';
import { LIMITS, TIMES } from './limits.js';
import { signedFacts } from './message-codec.js';
import type { NetworkId } from './network-id.js';
import type { Address } from './primitives.js';
import { ProtocolError } from './protocol-error.js';
import type { NodeSigner } from './signer.js';

/** @param kind e.g. `register`; it is part of what is signed */
export const encodeSignedRequest = (
  network: NetworkId,
  signer: NodeSigner,
  kind: string,
  body: object,
  nowMs: number,
): Buffer => {
  const bytes = Buffer.from(JSON.stringify(body));
  const header: FrameHeader = { t: kind, n: 0, ts: nowMs, bd: digestOf(bytes) };
  return encodeFrame({ ...header, sig: [signAsNode(network, signer)(signedFacts(header))] }, bytes);
};

/**
 * Checks kind, time, shape and signature of a node's signed request. The nonce is the caller's to spend.
 * @param schema must yield an object with the `node` that claims to have signed
 * @throws ProtocolError
 */
export const verifySignedRequest = <T extends { readonly node: Address }>(
  bytes: Uint8Array,
  network: NetworkId,
  kind: string,
  schema: z.ZodType<T>,
  nowMs: number,
): T => {
  const { header, body } = decodeFrame(bytes, LIMITS.controlBytes);
  if (header.t !== kind) throw new ProtocolError('malformed', `a '${kind}' request says it is '${header.t}'`);
  if (header.s !== undefined || header.n !== 0)
    throw new ProtocolError('malformed', 'a signed request has no session');
  if (Math.abs(header.ts - nowMs) > TIMES.clockSkewMs) {
    throw new ProtocolError(
      'clock_skew',
      `the node's clock is off by ${Math.round((header.ts - nowMs) / 1000)} s`,
      {
        advice: 'Set the machine clock (NTP); at most 60 s of difference are accepted.',
      },
    );
  }
  const parsed = schema.safeParse(parseBoundedJson(body, { maxBytes: LIMITS.controlBytes }));
  if (!parsed.success) throw new ProtocolError('malformed', `${kind}: ${z.prettifyError(parsed.error)}`);
  verifyNodeFrame(network, header, parsed.data.node);
  return parsed.data;
};
