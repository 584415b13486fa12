// What a call was refused for, by protocol code; anything but a ProtocolError fails the test that asked.
import { ProtocolError, type ProtocolErrorCode } from '../../src/protocol/protocol-error.js';

export const refusalOf = (call: () => unknown): ProtocolErrorCode | 'accepted' => {
  try {
    call();
    return 'accepted';
  } catch (error) {
    if (error instanceof ProtocolError) return error.protocolCode;
    throw error;
  }
};
