// Which WebSocket close code answers which breach of the protocol; both sides hang up alike.
import { CLOSE } from './codes.js';
import type { ProtocolErrorCode } from './protocol-error.js';

export const CLOSE_CODE: Readonly<Record<ProtocolErrorCode, number>> = {
  malformed: CLOSE.malformed,
  too_large: CLOSE.tooLarge,
  digest_mismatch: CLOSE.malformed,
  signature_invalid: CLOSE.unauthenticated,
  unsupported_type: CLOSE.malformed,
  sequence_gap: CLOSE.sequence,
  network_mismatch: CLOSE.unauthenticated,
  clock_skew: CLOSE.unauthenticated,
};
