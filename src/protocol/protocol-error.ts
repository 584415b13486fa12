// A message that breaks the protocol. The codes are part of protocol v1.
import { NodeError, type NodeErrorOptions } from '../errors.js';

export type ProtocolErrorCode =
  | 'malformed'
  | 'too_large'
  | 'digest_mismatch'
  | 'signature_invalid'
  | 'unsupported_type'
  | 'sequence_gap'
  | 'network_mismatch'
  | 'clock_skew';

/** @property protocolCode what is told to the other side in an `error` frame or problem body */
export class ProtocolError extends NodeError {
  readonly code = 'PROTOCOL';
  readonly retryable = false;

  constructor(
    readonly protocolCode: ProtocolErrorCode,
    message: string,
    options: NodeErrorOptions = {},
  ) {
    super(message, options);
  }
}
