// The network's end of one socket: numbers and signs what leaves, closes a link that does not drain.
import type { Logger } from 'pino';
import { CLOSE } from '../../protocol/codes.js';
import { signAsNetwork } from '../../protocol/handshake.js';
import { encodeMessage } from '../../protocol/message-codec.js';
import type { MessageBody, MessageType } from '../../protocol/messages/catalogue.js';
import { type Address, type Bytes32, ZERO_ADDRESS } from '../../protocol/primitives.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import type { NodeSocket } from './socket-port.js';

export interface SessionWire {
  readonly isOpen: boolean;
  /** From here frames carry the session and are said to this node. */
  enter(session: Bytes32, node: Address): void;
  /** @returns false when the wire is closed, or just now had to be */
  send<T extends MessageType>(type: T, body: MessageBody<T>): boolean;
  /** Tells why in a fatal `error` frame, then closes. */
  refuse(closeCode: number, code: string, text: string, more?: Partial<MessageBody<'error'>>): void;
  close(closeCode: number, reason: string): void;
}

export interface SessionWireDeps {
  readonly socket: NodeSocket;
  readonly keys: NetworkKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes that may wait in the socket before the link counts as dead. */
  readonly maxBufferedBytes: number;
}

export const createSessionWire = (deps: SessionWireDeps): SessionWire => {
  const { socket, keys, clock, logger, maxBufferedBytes } = deps;
  let seq = 0;
  let session: Bytes32 | undefined;
  let node: Address = ZERO_ADDRESS;
  let isOpen = true;

  const close = (closeCode: number, reason: string): void => {
    if (!isOpen) return;
    isOpen = false;
    socket.close(closeCode, reason);
  };

  const send: SessionWire['send'] = (type, body) => {
    if (!isOpen) return false;
    if (socket.bufferedBytes > maxBufferedBytes) {
      logger.warn({ event: 'session.stalled', node, bufferedBytes: socket.bufferedBytes });
      isOpen = false;
      socket.close(CLOSE.suspect, 'stalled');
      socket.terminate(); // the close frame would wait behind what does not drain
      return false;
    }
    const message = { type, body, seq, timeMs: clock.nowMs(), session };
    const bytes = encodeMessage(message, signAsNetwork(keys.network, keys.online, node));
    seq++; // only now: a message too large to encode must leave no gap
    socket.send(bytes);
    return true;
  };

  return {
    get isOpen() {
      return isOpen;
    },
    enter: (id, to) => {
      session = id;
      node = to;
    },
    send,
    refuse: (closeCode, code, text, more) => {
      send('error', { ...more, code, text: text.slice(0, 500), fatal: true });
      close(closeCode, code);
    },
    close,
  };
};
