// Real sockets: the only file of the Agent that imports `ws`. Compression is off: it would cost about 110 kB a
// connection on the far side. A half-open connection is found by ping, for the kernel takes hours.
import { WebSocket } from 'ws';
import { CLOSE } from '../../protocol/codes.js';
import { MAX_FRAME_BYTES, SUBPROTOCOL, TIMES } from '../../protocol/limits.js';
import type { NetworkSockets } from './network-sockets.js';
import { watchSilence } from './watch-silence.js';

/** RFC 6455 section 7.4.1: closed without a close frame. */
const ABNORMAL = 1006;
const POLL_MS = 5;

/** @param options.handshakeMs milliseconds from dialing to open; `pingMs` and `deadMs` watch the open socket */
export const createWsNetworkSockets = (
  options: { readonly handshakeMs: number; readonly pingMs: number; readonly deadMs: number } = {
    handshakeMs: TIMES.helloWithinMs,
    pingMs: TIMES.pingMs,
    deadMs: TIMES.deadMs,
  },
): NetworkSockets => ({
  dial(url, signal, handlers) {
    const ws = new WebSocket(url, [SUBPROTOCOL], {
      handshakeTimeout: options.handshakeMs,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    let reason = '';
    const silence = watchSilence({
      ping: () => ws.ping(),
      dead: () => {
        reason = 'no sign of life';
        ws.terminate();
      },
    });
    ws.on('open', () => {
      silence.watch(options.pingMs, options.deadMs);
      handlers.opened();
    });
    ws.on('message', (data: Buffer) => {
      silence.heard();
      handlers.message(data);
    });
    ws.on('pong', silence.heard);
    ws.on('ping', silence.heard);
    // `ws` emits close after every error, and close carries the code.
    ws.on('error', (error) => {
      reason = error.message;
    });
    ws.on('close', (code, text) => {
      silence.end();
      if (!signal.aborted) handlers.closed(code || ABNORMAL, text.toString() || reason);
    });
    signal.addEventListener('abort', () => ws.close(CLOSE.normal), { once: true });
    return {
      send: (bytes) => {
        if (ws.readyState === WebSocket.OPEN) ws.send(bytes, { binary: false });
      },
      get bufferedBytes() {
        return ws.bufferedAmount;
      },
      whenBelow: (bytes, then) => {
        const look = (): void => {
          if (ws.readyState !== WebSocket.OPEN || ws.bufferedAmount < bytes) then();
          else setTimeout(look, POLL_MS);
        };
        look();
      },
      keepAlive: (pingMs, deadMs) => {
        if (ws.readyState === WebSocket.OPEN) silence.watch(pingMs, deadMs);
      },
      close: (code, text) => ws.close(code, text),
    };
  },
});
