// Stands between an engine and a registry: counts what is asked, and misbehaves on the wire as registries and the way
// to them do.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the engine asked, and what the registry answers to it. */
interface Exchange {
  readonly path: string;
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
}

/** @returns whether the answer is taken care of; otherwise it goes on as it came */
export type Fault = (exchange: Exchange) => boolean;

export interface RegistryFront {
  /** `127.0.0.1:port`: names of images that are to be asked for here begin with it. */
  readonly address: string;
  /** Method and path of each request, oldest first. */
  readonly asked: readonly string[];
  /** How many answers a fault has spoiled. */
  readonly spoiled: number;
  fault: Fault;
  close(): Promise<void>;
}

const isLayer = (path: string, answer: IncomingMessage): boolean =>
  path.includes('/blobs/') && Number(answer.headers['content-length']) > 64 * 1024;

const passOn = ({ answer, response }: Exchange): void => {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
};

export const NO_FAULT: Fault = () => false;

/** Every request stays without an answer. */
export const SILENT: Fault = () => true;

/** @param ending what becomes of the connection after the first bytes of a layer */
const inMidLayer =
  (ending: (response: ServerResponse) => void): Fault =>
  ({ path, answer, response }) => {
    if (!isLayer(path, answer)) return false;
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.once('data', (piece: Buffer) => {
      answer.destroy();
      response.write(piece, () => ending(response));
    });
    return true;
  };

/** Layers stop coming after their first bytes. */
export const STALLING = inMidLayer(() => {});

/** Layers are cut off after their first bytes. */
export const CUTTING = inMidLayer((response) => response.destroy());

export const answering =
  (status: number, body: object = {}): Fault =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  };

/** @param registry address of the real one */
export const startRegistryFront = async (registry: string): Promise<RegistryFront> => {
  const asked: string[] = [];
  let spoiled = 0;
  const [host, port] = registry.split(':');
  const server = createServer((incoming, response) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    asked.push(`${method} ${path}`);
    const outgoing = request({ host, port, method, path, headers }, (answer) => {
      const exchange = { path, answer, response };
      if (!front.fault(exchange)) return passOn(exchange);
      spoiled += 1;
    });
    // The engine goes away in the middle, or the registry does.
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: RegistryFront = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get spoiled() {
      return spoiled;
    },
    fault: NO_FAULT,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return front;
};
