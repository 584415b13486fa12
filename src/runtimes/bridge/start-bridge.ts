// Gives an engine that knows only TCP the face of one on a Unix socket: each connection of the socket becomes one to
// its port on loopback.
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { BridgeListenError } from './bridge-error.js';
import { clearSocketPath } from './clear-socket-path.js';
import { joinConnections } from './join-connections.js';

export interface BridgeOptions {
  readonly socketPath: string;
  /** Of the engine, on 127.0.0.1. */
  readonly port: number;
  /** Above it, connections are closed as soon as they are made. */
  readonly maxConnections: number;
}

export interface Bridge {
  /** Breaks every connection and removes the socket. */
  close(): Promise<void>;
}

/** Owner and group: the Agent may share only the group with the engine. */
const SOCKET_MODE = 0o660;
/** What a stalled connection can hold in each of its four buffers: small, for the bridge's memory is. */
const BUFFERS = { highWaterMark: 16 * 1024 };
const TO_ENGINE = { ...BUFFERS, host: '127.0.0.1', allowHalfOpen: true, noDelay: true };

/**
 * Listens at once, whether the engine does or not: until then connections are closed.
 * @throws BridgeListenError
 */
export const startBridge = async (options: BridgeOptions): Promise<Bridge> => {
  const { socketPath, port, maxConnections } = options;
  await clearSocketPath(socketPath);
  const open = new Set<Socket>();
  const track = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer({ ...BUFFERS, allowHalfOpen: true }, (client) => {
    const engine = connect({ ...TO_ENGINE, port });
    track(client);
    track(engine);
    joinConnections(client, engine);
  });
  server.maxConnections = maxConnections;
  try {
    server.listen(socketPath);
    await once(server, 'listening');
    await chmod(socketPath, SOCKET_MODE);
  } catch (cause) {
    server.close();
    throw new BridgeListenError(`cannot listen on ${socketPath}`, {
      cause,
      advice: 'Check that the directory is there, may be written to and can hold sockets.',
    });
  }
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close(); // removes the socket
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};
