// Connections to one engine, one request at a time on each: the only file that imports undici for engines.
// `Client.dispatch` with plain handlers, because every layer above it costs 20 % and more per token.
import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import type { EngineAddress } from './engine-client.js';
import type { Exchange } from './exchange.js';
import { type HeldSocket, holdSocket } from './socket-file.js';

export interface EngineRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface EngineConnections {
  /** Sends the request on a free connection, or on a new one; the exchange is told what comes of it. */
  send<T>(request: EngineRequest, exchange: Exchange<T>): void;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 16 * 1024;

/** @throws TypeError the address is not a URL */
export const connectionsTo = (address: EngineAddress, connectMs: number): EngineConnections => {
  const origin = address.kind === 'tcp' ? new URL(address.url).origin : 'http://localhost';
  const all = new Set<Client>();
  /** Last used first, so that few connections are kept warm rather than all of them lukewarm. */
  const free: { client: Client; gate: SocketGate }[] = [];
  let isClosed = false;

  const connect = (): { client: Client; gate: SocketGate } => {
    const gate = new SocketGate();
    const client = new Client(origin, {
      connect: connectorTo(address, connectMs, gate),
      maxHeaderSize: MAX_HEADER_BYTES,
      // The exchange watches for silence itself: undici cannot tell it from a listener that takes its time.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    all.add(client);
    return { client, gate };
  };

  return {
    send(request, exchange) {
      if (isClosed) {
        exchange.onResponseError(undefined, Object.assign(new Error('closed'), { code: 'CLIENT_CLOSED' }));
        return;
      }
      const connection = free.pop() ?? connect();
      const { client, gate } = connection;
      exchange.begin({
        gate,
        over: () => {
          gate.open();
          if (all.has(client) && !isClosed) free.push(connection);
        },
        // Still connecting: there is no socket yet whose end would end the request.
        giveUp: () => {
          all.delete(client);
          void client.destroy();
        },
      });
      client.dispatch(request, exchange);
    },

    async close() {
      isClosed = true;
      await Promise.all([...all].map((client) => client.destroy()));
    },
  };
};

/**
 * Holds a connection's bytes back in its socket, so that the engine feels it. undici's own `pause` is not used:
 * in 7.30 its parser asserts that it is not paused when the far end closes or resets a connection that was to
 * close anyway, which throws out of an event handler and would let an engine end the Agent's process.
 */
export class SocketGate {
  #socket: Socket | undefined;
  #isHeld = false;

  attach(socket: Socket): void {
    this.#socket = socket;
    this.#isHeld = false;
    const read = socket.read.bind(socket);
    socket.read = (size?: number): unknown => (this.#isHeld ? null : read(size));
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** For the end of an answer: whoever is reading the socket goes on by itself. */
  open(): void {
    this.#isHeld = false;
  }

  /** Not while undici is reading: it would read within its reading. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#socket?.emit('readable');
  }
}

const connectorTo =
  (address: EngineAddress, connectMs: number, gate: SocketGate): buildConnector.connector =>
  (target, callback) => {
    let held: HeldSocket | undefined;
    try {
      held = address.kind === 'unix' ? holdSocket(address.path, address.ownerUid) : undefined;
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    const dial = buildConnector({ timeout: connectMs, ...(held !== undefined && { socketPath: held.path }) });
    dial(target, (error, socket) => {
      held?.release();
      if (error !== null) {
        callback(error, null);
        return;
      }
      gate.attach(socket);
      callback(null, socket);
    });
  };
