// The feed's WebSocket. A page says nothing on it: one that does is disconnected. The only file of the console that
// imports `ws`.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type NodeError, toFailure } from '../../errors.js';
import { PageTokenRefusedError } from '../../pages/page-errors.js';
import type { SiteCheck } from '../../pages/serve-page.js';
import type { FeedHub } from '../feed/feed-hub.js';
import { FeedFullError, NoSuchPlaceError } from './console-errors.js';

export const FEED_PATH = '/api/feed';
export const FEED_PROTOCOL = 'resultity.console.v1';
const TOKEN_PROTOCOL = 'token.';

/** RFC 6455 section 7.4. */
const CLOSE = { goingAway: 1001, policy: 1008 } as const;
/** A viewer that is gone without a word is noticed after two of these. */
const PING_MS = 30_000;

export interface FeedSocket {
  close(): void;
}

export interface FeedSocketParts {
  readonly server: Server;
  readonly hub: FeedHub;
  readonly isAllowed: SiteCheck;
  readonly isToken: (given: string) => boolean;
}

export const openFeedSocket = ({ server, hub, isAllowed, isToken }: FeedSocketParts): FeedSocket => {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 1024,
    handleProtocols: () => FEED_PROTOCOL,
  });
  const silent = new WeakSet<WebSocket>();

  const refusalOf = (request: IncomingMessage): readonly [number, NodeError] | undefined => {
    const site = isAllowed(request.headers);
    if (site !== undefined) return [403, site];
    if (request.url?.split('?')[0] !== FEED_PATH)
      return [404, new NoSuchPlaceError('there is no WebSocket here')];
    const offered = protocolsOf(request);
    const token = offered.find((one) => one.startsWith(TOKEN_PROTOCOL));
    if (
      !offered.includes(FEED_PROTOCOL) ||
      token === undefined ||
      !isToken(token.slice(TOKEN_PROTOCOL.length))
    )
      return [401, new PageTokenRefusedError('the token is missing or not the one of this console')];
    return undefined;
  };

  const watch = (ws: WebSocket): void => {
    const leave = hub.join({
      get bufferedBytes() {
        return ws.bufferedAmount;
      },
      send: (text) => ws.send(text, () => undefined),
    });
    ws.on('error', () => undefined); // `ws` emits close after every error
    ws.on('message', () => ws.close(CLOSE.policy, 'the feed is read-only'));
    ws.on('pong', () => silent.delete(ws));
    ws.on('close', () => leave?.());
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => undefined); // a page that is closed meanwhile is nobody's failure
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      refuse(socket, ...refusal);
    } else if (hub.isFull) {
      refuse(socket, 503, new FeedFullError('as many pages watch this node as may', FULL));
    } else {
      sockets.handleUpgrade(request, socket, head, watch);
    }
  };
  server.on('upgrade', upgrade);

  const pinging = setInterval(() => {
    for (const ws of sockets.clients) {
      if (silent.has(ws)) ws.terminate();
      else {
        silent.add(ws);
        ws.ping();
      }
    }
  }, PING_MS);
  pinging.unref();

  return {
    close: () => {
      clearInterval(pinging);
      server.off('upgrade', upgrade);
      for (const ws of sockets.clients) {
        ws.close(CLOSE.goingAway, 'the node ends');
        ws.terminate();
      }
      sockets.close();
    },
  };
};

const FULL = { advice: 'Close a page of this console that is open elsewhere.' };

const protocolsOf = ({ headers }: IncomingMessage): readonly string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());

const WORDS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

const refuse = (socket: Duplex, status: number, error: NodeError): void => {
  const body = JSON.stringify({ error: toFailure(error) });
  socket.end(
    [
      `HTTP/1.1 ${status} ${WORDS[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
};
