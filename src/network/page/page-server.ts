// The network's page on a port of its own: the files of the page to everybody on this machine, the operator's verbs to
// whoever has the token, and the OpenAI API, whose keys the playground speaks with, so that a page needs one origin only.
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import { toFailure } from '../../errors.js';
import type { PageFiles } from '../../pages/page-files.js';
import { tokenCheck } from '../../pages/page-token.js';
import { bearerGuard, guardPage, servePageFiles } from '../../pages/serve-page.js';
import { NotFoundError } from '../admin/admin-errors.js';
import type { AdminHandlers } from '../admin/admin-verbs.js';
import { serveVerbs, VERB_BODY_BYTES } from '../admin/serve-verbs.js';
import { type CloudApiDeps, cloudApi } from '../cloud/cloud-api.js';

/** Where the build puts the page, beside the program. */
export const PAGE_DIRECTORY = fileURLToPath(new URL('../../web/network/', import.meta.url));

export interface PageServerDeps {
  /** undefined: the page was not built. */
  readonly files: PageFiles | undefined;
  readonly token: string;
  readonly handlers: AdminHandlers;
  readonly cloud: CloudApiDeps;
  readonly logger: Logger;
}

/** @param server listening already; fastify answers its requests once ready */
export const createPageServer = async (server: Server, deps: PageServerDeps): Promise<FastifyInstance> => {
  const app = fastify({
    serverFactory: (handler) => server.on('request', handler),
    genReqId: () => ulid(),
    requestIdHeader: false,
    bodyLimit: VERB_BODY_BYTES,
    routerOptions: { maxParamLength: 256 },
  });
  await guardPage(app);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: toFailure(new NotFoundError('there is nothing of this name here')) }),
  );
  servePageFiles(app, deps.files);
  await app.register(operatorApi, deps);
  await app.register(cloudApi, deps.cloud);
  return app;
};

const operatorApi: FastifyPluginAsync<PageServerDeps> = async (api, { token, handlers, logger }) => {
  api.addHook('onRequest', bearerGuard(tokenCheck(token)));
  api.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  serveVerbs(api, '/api/', handlers, logger);
};
