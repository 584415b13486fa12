// The classic protocol's own port, on loopback. The protocol knows no token: whoever runs programs on this host may read
// the names it tells. Nobody may write: an event a viewer wants to send is counted, and goes nowhere.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { createViewers, type Viewer } from '../inspection/viewers.js';
import type { ActorWatch } from '../inspection/watch-actors.js';
import { ClassicPortError } from './classic-errors.js';
import { createClassicDialect, type ViewerMessage, viewerMessage } from './classic-messages.js';

export interface ClassicServerParts {
  readonly watch: ActorWatch;
  /** 0 for any that is free. */
  readonly port: number;
  /** Origins whose pages may attach, e.g. `https://stately.ai`; programs that are no browser send none and may. */
  readonly origins: readonly string[];
  readonly logger: Logger;
}

export interface ClassicServer {
  readonly port: number;
  /** Events that viewers wanted to send to an actor. */
  readonly refusedEvents: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MAX_VIEWERS = 4;
/** A viewer says `xstate.inspecting`, and now and then an event. */
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** For a viewer to answer that it heard the end. */
const FAREWELL_MS = 500;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** @throws ClassicPortError the port cannot be opened, with advice */
export const startClassicServer = async (parts: ClassicServerParts): Promise<ClassicServer> => {
  const { watch, origins } = parts;
  const logger = parts.logger.child({ component: 'classic-inspector' });
  const viewers = createViewers(watch, createClassicDialect(), MAX_BUFFERED_BYTES);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  let refusedEvents = 0;

  const hold = (ws: WebSocket): void => {
    let viewer: Viewer | undefined;
    let refused = 0;
    ws.on('error', () => {}); // `ws` emits close after every error
    ws.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : read(data);
      if (message === undefined) {
        ws.close(POLICY_VIOLATION, 'a viewer says xstate.inspecting and nothing else');
      } else if (message.type === 'xstate.inspecting') {
        viewer?.leave();
        viewer = viewers.attach({
          send: (text, sent) => ws.send(text, sent),
          bufferedBytes: () => ws.bufferedAmount,
        });
      } else {
        refusedEvents++;
        refused++;
        if (refused === 1) logger.warn({ event: 'classic.refused' }, 'a viewer may not send events: ignored');
      }
    });
    ws.on('close', () => {
      viewer?.leave();
      logger.info({ event: 'classic.left', refused, missed: viewer?.missed ?? 0 }, 'a classic viewer left');
    });
    logger.info({ event: 'classic.attached', viewers: sockets.clients.size }, 'a classic viewer came');
  };

  const server = createServer((_, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This port speaks the WebSocket protocol of @xstate/inspect: docs/inspecting.md\n');
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {}); // one that hangs up meanwhile is nobody's failure
    const { host = '', origin } = request.headers;
    const { port } = server.address() as AddressInfo;
    if (!isOwnHost(host, port)) refuse(socket, '403 Forbidden');
    else if (origin !== undefined && !origins.includes(origin)) {
      logger.warn(
        { event: 'classic.origin' },
        'a page that is not in console.classicOrigins wanted to attach',
      );
      refuse(socket, '403 Forbidden');
    } else if (sockets.clients.size >= MAX_VIEWERS) refuse(socket, '503 Service Unavailable');
    else sockets.handleUpgrade(request, socket, head, hold);
  });

  const port = await listen(server, parts.port);
  logger.info(
    { event: 'classic.listening', port, url: `ws://${LOOPBACK}:${port}` },
    'the classic inspector may attach; any program of this host may read the names it is shown',
  );
  return {
    port,
    get refusedEvents() {
      return refusedEvents;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const ws of sockets.clients) ws.close(GOING_AWAY, 'the node ends');
      const late = setTimeout(() => {
        for (const ws of sockets.clients) ws.terminate();
      }, FAREWELL_MS);
      server.closeAllConnections();
      await closed;
      clearTimeout(late);
    },
  };
};

const listen = (server: ReturnType<typeof createServer>, wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new ClassicPortError(`cannot open port ${wanted} of ${LOOPBACK} for the classic inspector`, {
          cause,
          advice: 'Choose another with --inspect-classic, or 0 for any that is free.',
        }),
      );
    });
    server.listen(wanted, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });

/** Any other name is another site's, pointed at this host to get around its browser's rules (DNS rebinding). */
const isOwnHost = (host: string, port: number): boolean =>
  [LOOPBACK, 'localhost', '[::1]'].some((name) => host === `${name}:${port}`);

const read = (data: RawData): ViewerMessage | undefined => {
  try {
    return viewerMessage.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
};

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
