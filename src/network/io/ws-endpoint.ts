// Real WebSockets for nodes. The only file of the network that imports `ws`.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '../../protocol/limits.js';
import type { Dialled, NodeSocket, NodeSocketHandlers } from './socket-port.js';

export const NODE_SOCKET_PATH = '/v1/nodes/ws';

export interface WsEndpoint {
  /** Answers an HTTP upgrade: a WebSocket for the right path and subprotocol, else an HTTP error. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts what is still connected and resolves when every socket is gone. */
  close(): Promise<void>;
}

export interface WsEndpointDeps {
  /** A socket is open. */
  readonly accept: (socket: NodeSocket, dialled: Dialled) => NodeSocketHandlers;
  /** Whether one more socket is welcome now. */
  readonly hasRoom: () => boolean;
}

export const createWsEndpoint = ({ accept, hasRoom }: WsEndpointDeps): WsEndpoint => {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const gone = new Set<Promise<void>>();

  const hold = (ws: WebSocket, request: IncomingMessage): void => {
    const handlers = accept(wrap(ws), {
      host: request.headers.host,
      localAddress: request.socket.localAddress,
      localPort: request.socket.localPort,
      remoteAddress: request.socket.remoteAddress,
    });
    ws.on('message', (data, isBinary) => handlers.message(bytesOf(data), !isBinary));
    ws.on('pong', () => handlers.pong());
    ws.on('error', () => {}); // `ws` emits close after every error, and close carries the code
    const closed = new Promise<void>((resolve) => {
      ws.on('close', (code) => {
        handlers.closed(code);
        gone.delete(closed);
        resolve();
      });
    });
    gone.add(closed);
  };

  return {
    handleUpgrade: (request, socket, head) => {
      socket.on('error', () => {}); // a peer that hangs up mid-upgrade is nobody's failure
      const [path] = (request.url ?? '/').split('?');
      if (path !== NODE_SOCKET_PATH) return refuse(socket, '404 Not Found');
      if (!offersSubprotocol(request)) return refuse(socket, '400 Bad Request');
      if (!hasRoom()) return refuse(socket, '503 Service Unavailable');
      server.handleUpgrade(request, socket, head, (ws) => hold(ws, request));
    },
    close: async () => {
      for (const ws of server.clients) ws.terminate();
      await Promise.all(gone);
      server.close();
    },
  };
};

const offersSubprotocol = (request: IncomingMessage): boolean =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').some((one) => one.trim() === SUBPROTOCOL);

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

const bytesOf = (data: RawData): Uint8Array => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};

const wrap = (ws: WebSocket): NodeSocket => ({
  send: (bytes) => ws.send(bytes, { binary: false }),
  ping: () => ws.ping(),
  close: (code, reason) => ws.close(code, reason),
  terminate: () => ws.terminate(),
  get bufferedBytes() {
    return ws.bufferedAmount;
  },
});
