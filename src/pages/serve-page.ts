// A page on a port of this machine: its files to everyone who may open it, and nobody else's requests.

import type { IncomingHttpHeaders } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type NodeError, toFailure } from '../errors.js';
import { PageRefusedError, PageTokenRefusedError } from './page-errors.js';
import type { PageFile, PageFiles } from './page-files.js';

/** Names under which a browser on this machine reaches it; a foreign name that resolves here is not among them. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[^:/@\s]{1,255})(?::[0-9]{1,5})?$/i;
const NOT_BUILT =
  'This page has not been built: run `npm run build` in the repository and start again.\nIts API answers all the same.\n';

/** @returns why a request with these headers is refused; undefined when it is not */
export type SiteCheck = (
  headers: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
) => PageRefusedError | undefined;

/**
 * What another site's page could send is refused: a Host that is not this machine's (DNS rebinding), an Origin that is
 * not the page's own.
 * @param hosts more names that are allowed, without port
 */
export const siteCheck = (hosts: readonly string[] = []): SiteCheck => {
  const allowed = new Set([...OWN_HOSTS, ...hosts].map((name) => name.toLowerCase()));
  return ({ host = '', origin }) => {
    const [, name] = HOST.exec(host) ?? [];
    if (name === undefined || !allowed.has(name.toLowerCase()))
      return new PageRefusedError('this page is not served under that name', FOREIGN_HOST);
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
      return new PageRefusedError('the request comes from another site', FOREIGN_ORIGIN);
    return undefined;
  };
};

/**
 * Sets the headers every answer carries, and refuses what another site's page could send.
 * @param hosts more names that are allowed, without port
 */
export const guardPage = async (app: FastifyInstance, hosts: readonly string[] = []): Promise<void> => {
  const check = siteCheck(hosts);
  await app.register(helmet, {
    hsts: false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
        'object-src': ["'none'"],
      },
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = check(request.headers);
    return refusal === undefined ? undefined : refuse(reply, 403, refusal);
  });
};

const FOREIGN_HOST = { advice: 'Open it as http://127.0.0.1 or http://localhost, with its port.' };
const FOREIGN_ORIGIN = { advice: 'Use the page itself, or a program that sends no Origin.' };
const NO_TOKEN = { advice: 'Open the link the command prints; it carries the token.' };

/** Lets a request pass that carries the token: `Authorization: Bearer …`. For `onRequest`, before a body is read. */
export const bearerGuard =
  (isToken: (given: string) => boolean) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const [, given] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && isToken(given)) return undefined;
    reply.header('www-authenticate', 'Bearer');
    return refuse(
      reply,
      401,
      new PageTokenRefusedError('the token is missing or not the one of this page', NO_TOKEN),
    );
  };

const refuse = (reply: FastifyReply, status: number, error: NodeError): FastifyReply =>
  reply.code(status).send({ error: toFailure(error) });

/** @param files undefined: the page was not built; `/` says so */
export const servePageFiles = (app: FastifyInstance, files: PageFiles | undefined): void => {
  if (files === undefined) {
    app.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(NOT_BUILT));
    return;
  }
  for (const [path, file] of files) app.get(path, (request, reply) => sendFile(request, reply, file));
};

const sendFile = (request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply => {
  reply.headers({ etag: file.etag, 'cache-control': 'no-cache', vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(
    request.headers['accept-encoding'] ?? '',
  );
  if (file.gzip === undefined || !takesGzip) return reply.type(file.type).send(file.bytes);
  return reply.type(file.type).header('content-encoding', 'gzip').send(file.gzip);
};
