// The network's one port: headers, request ids, health, and errors in the language of whoever asks: OpenAI's clients
// get OpenAI's error object, nodes and people get problem details (RFC 9457).
import type { Server } from 'node:http';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Problem } from '../../protocol/http.js';
import { noSuchRoute } from '../cloud/cloud-error.js';

export interface Health {
  /** Why the network cannot serve jobs; empty when it can. */
  reasons(): readonly string[];
}

/** Paths of the nodes' HTTP API; all else below /v1 speaks OpenAI. */
const NODE_PATHS = /^\/v1\/(?:network|root|nodes|config|reports)(?:[/?]|$)/;

/** @param server listening already; fastify answers its requests once ready */
export const createHttpServer = async (
  server: Server,
  health: Health,
  logger: Logger,
): Promise<FastifyInstance> => {
  const app = fastify({
    serverFactory: (handler) => server.on('request', handler),
    genReqId: () => ulid(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 256 },
  });
  await app.register(helmet, { hsts: false });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (path.startsWith('/v1/') && !NODE_PATHS.test(path)) {
      const error = noSuchRoute(request.method, path);
      return reply.code(error.status).send(error.body());
    }
    return sendProblem(reply, {
      title: 'Not found',
      status: 404,
      code: 'not_found',
      detail: 'no such resource',
    });
  });
  app.setErrorHandler((err, request, reply) => {
    const status = clientStatus(err);
    if (status !== undefined) {
      return sendProblem(reply, { title: 'Bad request', status, code: 'bad_request' });
    }
    logger.error({ event: 'http.failed', requestId: request.id, err }, 'request failed');
    return sendProblem(reply, { title: 'Internal error', status: 500, code: 'internal_error' });
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const reasons = health.reasons();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  return app;
};

const clientStatus = (err: unknown): number | undefined => {
  const status = err instanceof Error && 'statusCode' in err ? Number(err.statusCode) : Number.NaN;
  return status >= 400 && status < 500 ? status : undefined;
};

const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.code(problem.status).type('application/problem+json').send(problem);
