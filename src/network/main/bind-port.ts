// Takes the port before anything is built, for the parts need to know the network's URL. Until they are ready, whoever
// comes is asked to come back.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NetworkListenError } from './network-errors.js';

export interface BoundPort {
  readonly server: Server;
  /** e.g. `http://127.0.0.1:7530` */
  readonly url: string;
  /** From here on `server` answers with its own listeners. */
  open(): void;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** Longer than the idle time of common proxies, so that they close first. */
const KEEP_ALIVE_MS = 72_000;

/** The flags that choose another address, for the advice. */
const OWN_FLAGS = { host: '--host', port: '--port' };

/** @param port 0: the system chooses. @throws NetworkListenError */
export const bindPort = async (host: string, port: number, flags = OWN_FLAGS): Promise<BoundPort> => {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const notYet = (_request: unknown, response: ServerResponse): void => {
    response.writeHead(503, { 'retry-after': '1', connection: 'close' }).end();
  };
  server.on('request', notYet);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(host, port, flags, error)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    server,
    url: urlOf(host, address),
    open: () => void server.off('request', notYet),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Every address of this machine. */
export const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** An address to connect to: nobody can connect to "any". */
const urlOf = (host: string, { port }: AddressInfo): string => {
  const named = isAnyAddress(host) ? (host === '::' ? '::1' : '127.0.0.1') : host;
  return `http://${named.includes(':') ? `[${named}]` : named}:${port}`;
};

const refusal = (
  host: string,
  port: number,
  flags: typeof OWN_FLAGS,
  cause: NodeJS.ErrnoException,
): NetworkListenError => {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new NetworkListenError(`port ${port} of ${host} is taken`, {
        advice: `Stop the program that has it, or choose another one with ${flags.port} (0: any that is free).`,
        cause,
      });
    case 'EACCES':
      return new NetworkListenError(`port ${port} of ${host} needs more rights than this user has`, {
        advice: `Choose a port above 1023 with ${flags.port}, and put a proxy before it.`,
        cause,
      });
    default:
      return new NetworkListenError(`the address ${host}, port ${port}, cannot be used`, {
        advice: `Name an address of this machine with ${flags.host}.`,
        cause,
      });
  }
};
