// The console's port: the page and its drawings to everybody on this machine, the node's API and feed to who has the token.
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { NodeError, toFailure } from '../../errors.js';
import type { PageFiles } from '../../pages/page-files.js';
import { tokenCheck } from '../../pages/page-token.js';
import { guardPage, servePageFiles, siteCheck } from '../../pages/serve-page.js';
import type { FeedHub } from '../feed/feed-hub.js';
import { type ApiParts, apiRoutes } from './api-routes.js';
import { ConsoleListenError, NoSuchPlaceError, UsageError } from './console-errors.js';
import { openFeedSocket } from './feed-socket.js';
import { type HealthParts, healthRoutes } from './health-routes.js';

export interface ConsoleServer {
  /** Where a browser on this machine finds it, e.g. `http://127.0.0.1:7540`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ConsoleServerParts extends Omit<ApiParts, 'isToken'>, HealthParts {
  readonly token: string;
  /** More names that are allowed, without port. */
  readonly hosts: readonly string[];
  /** Undefined: it was not built. */
  readonly page: PageFiles | undefined;
  readonly charts: PageFiles;
  readonly hub: FeedHub;
  /** Told of faults of ours. */
  readonly onFault: (error: unknown) => void;
}

/** A note of 200 characters, however they are escaped, and what is around it. */
const BODY_BYTES = 4096;

/**
 * @param place port 0: any that is free
 * @throws ConsoleListenError with advice
 */
export const startConsoleServer = async (
  place: { readonly address: string; readonly port: number },
  parts: ConsoleServerParts,
): Promise<ConsoleServer> => {
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES, forceCloseConnections: true });
  await guardPage(app, parts.hosts);
  answerErrors(app, parts.onFault);
  servePageFiles(app, parts.page);
  if (parts.charts.size > 0) servePageFiles(app, parts.charts);
  healthRoutes(app, parts);
  const isToken = tokenCheck(parts.token);
  apiRoutes(app, { ...parts, isToken });
  const feed = openFeedSocket({
    server: app.server,
    hub: parts.hub,
    isAllowed: siteCheck(parts.hosts),
    isToken,
  });
  const close = async (): Promise<void> => {
    feed.close();
    await app.close();
  };
  try {
    await app.listen({ host: place.address, port: place.port });
  } catch (cause) {
    await close();
    throw refusalOf(place, cause);
  }
  return { url: urlOf(place.address, app.server.address() as AddressInfo), close };
};

const answerErrors = (app: FastifyInstance, onFault: (error: unknown) => void): void => {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: toFailure(new NoSuchPlaceError('there is nothing at this path')) }),
  );
  app.setErrorHandler((caught, _request, reply) => {
    if (caught instanceof UsageError) return reply.code(400).send({ error: toFailure(caught) });
    if (caught instanceof NodeError) return reply.code(409).send({ error: toFailure(caught) });
    const status = caught instanceof Error && 'statusCode' in caught ? Number(caught.statusCode) : 500;
    if (status >= 400 && status < 500) {
      const { message } = caught as Error;
      return reply.code(status).send({ error: { code: 'USAGE', message, retryable: false } });
    }
    onFault(caught);
    // What went wrong in here is for the log alone.
    return reply
      .code(500)
      .send({ error: { code: 'INTERNAL', message: 'a fault of the node', retryable: false } });
  });
};

/** Nobody connects to "any address"; whoever asks for the link is on this machine. */
const urlOf = (address: string, { port }: AddressInfo): string => {
  const named = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${named.includes(':') ? `[${named}]` : named}:${port}`;
};

const refusalOf = (
  { address, port }: { readonly address: string; readonly port: number },
  cause: unknown,
): ConsoleListenError => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ConsoleListenError(`port ${port} of ${address} is taken`, {
      cause,
      advice:
        'Another node may have it. Choose another with --console-port (0: any that is free), or --no-console.',
    });
  }
  return new ConsoleListenError(`the console cannot listen on ${address}, port ${port}`, {
    cause,
    advice:
      'Choose an address of this machine with --console-address and a port above 1023 with --console-port.',
  });
};
