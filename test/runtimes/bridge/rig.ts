// A bridge between real sockets: a client on one side, a server that a test scripts on the other.
import { once } from 'node:events';
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Bridge, startBridge } from '../../../src/runtimes/bridge/start-bridge.js';

export const socketPlace = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'engine.sock');
};

/** The file a dead process leaves: it is there, and refuses. */
export const leaveStaleSocket = async (path: string): Promise<void> => {
  const holder = createServer().listen(`${path}~`);
  await once(holder, 'listening');
  linkSync(`${path}~`, path);
  holder.close(); // removes its own name; the link stays
  await once(holder, 'close');
};

/** A port of the system that nobody listens on any more. */
export const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** A server on a port of the system; `next()` is the connection made after the last one. */
export const scriptedPort = async () => {
  const waiting: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    waiting.push(socket);
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    next: async (): Promise<Socket> => {
      if (waiting.length === 0) await once(server, 'connection');
      const socket = waiting.shift();
      if (socket === undefined) throw new Error('no connection');
      return socket;
    },
  };
};

export const bridgeTo = async (
  port: number,
  socketPath = socketPlace(),
  maxConnections = 16,
): Promise<Bridge & { readonly socketPath: string }> => {
  const bridge = await startBridge({ socketPath, port, maxConnections });
  onTestFinished(() => bridge.close().catch(() => undefined));
  return { ...bridge, socketPath };
};

export const dial = async (path: string): Promise<Socket> => {
  const client = connect({ path });
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return client;
};

/** What comes until the other side ends; unlike an iteration, it leaves this side open. */
export const untilEnd = async (socket: Socket): Promise<string> => {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts).toString();
};
