// Binding as vLLM does: the address is taken at once, and connections are refused until the engine has loaded.
import { once } from 'node:events';
import { linkSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import { NodeError } from '../../errors.js';

/** The address is taken, or may not be used. */
export class SimulatorListenError extends NodeError {
  readonly code = 'SIMULATOR_LISTEN_FAILED';
  readonly retryable = false;
}

export type ListenTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const listen = async (server: NetServer | Server, target: ListenTarget): Promise<void> => {
  if (target.kind === 'unix') server.listen(target.path);
  else server.listen(target.port, target.host);
  await once(server, 'listening');
};

const close = (server: NetServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

const portOf = (server: NetServer | Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const failed = (target: ListenTarget, cause: unknown): SimulatorListenError => {
  const where = target.kind === 'unix' ? target.path : `${target.host}:${target.port}`;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const advice =
    code === 'EADDRINUSE' || code === 'EEXIST'
      ? target.kind === 'unix'
        ? 'Remove the socket file if nothing uses it any more.'
        : 'Choose another port, or 0 to let the system choose.'
      : 'Check that the address exists and may be used.';
  return new SimulatorListenError(`the simulator cannot listen on ${where} (${code})`, {
    advice,
    cause,
    details: { code },
  });
};

/** A socket file that nobody listens on: there, and refusing, as while vLLM loads. Fails when the file exists. */
const placeRefusingSocket = async (path: string): Promise<void> => {
  const holder = createServer();
  const temporary = `${path}~`;
  await listen(holder, { kind: 'unix', path: temporary });
  try {
    linkSync(temporary, path);
  } finally {
    await close(holder); // removes the temporary name; the link stays
  }
};

/** Closes the server and, for a Unix socket, removes the file. */
export interface Bound {
  /** Where it listens or will listen: the port is the real one. */
  readonly target: ListenTarget;
  /** Starts accepting. */
  open(): Promise<void>;
  release(): void;
}

/**
 * Takes the address without serving yet.
 * A TCP port cannot be held without listening on Node, so it is only looked up and taken again by `open`.
 * @throws SimulatorListenError in use, no permission, …
 */
export const bind = async (server: Server, wanted: ListenTarget): Promise<Bound> => {
  try {
    if (wanted.kind === 'unix') {
      await placeRefusingSocket(wanted.path);
    } else {
      const finder = createServer();
      await listen(finder, wanted);
      const port = portOf(finder);
      await close(finder);
      return bound(server, { ...wanted, port });
    }
  } catch (cause) {
    throw failed(wanted, cause);
  }
  return bound(server, wanted);
};

const bound = (server: Server, target: ListenTarget): Bound => ({
  target,
  open: async () => {
    try {
      if (target.kind === 'tcp') return await listen(server, target);
      const temporary = `${target.path}~`;
      await listen(server, { kind: 'unix', path: temporary });
      renameSync(temporary, target.path); // at no moment is the file missing
    } catch (cause) {
      throw failed(target, cause);
    }
  },
  release: () => {
    if (target.kind === 'unix') rmSync(target.path, { force: true });
  },
});

/** Takes the address and serves at once. @throws SimulatorListenError */
export const bindAndOpen = async (server: Server, wanted: ListenTarget): Promise<Bound> => {
  try {
    await listen(server, wanted);
  } catch (cause) {
    throw failed(wanted, cause);
  }
  return bound(server, wanted.kind === 'tcp' ? { ...wanted, port: portOf(server) } : wanted);
};
