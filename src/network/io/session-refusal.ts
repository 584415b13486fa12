// How a session ends that cannot go on: the code of the close, and the words before it.
import { CLOSE_CODE } from '../../protocol/close-code.js';
import { CLOSE } from '../../protocol/codes.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import { SessionRefusedError } from './session-refused-error.js';

interface Refusal {
  readonly closeCode: number;
  readonly code: string;
  readonly text: string;
  readonly more?: SessionRefusedError['more'];
}

export const refusalOf = (caught: unknown): Refusal => {
  if (caught instanceof SessionRefusedError) {
    return { closeCode: caught.closeCode, code: caught.wireCode, text: caught.message, more: caught.more };
  }
  if (caught instanceof ProtocolError) {
    const { protocolCode, message } = caught;
    return { closeCode: CLOSE_CODE[protocolCode], code: protocolCode, text: message };
  }
  return { closeCode: CLOSE.suspect, code: 'internal', text: 'the network failed at this frame' };
};
