// The verbs as HTTP routes, the same on the operator's socket and on the page's port: JSON in, JSON out, both checked.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Failure, NodeError, toFailure } from '../../errors.js';
import { ADMIN_VERBS, type AdminHandlers, type AdminVerb } from './admin-verbs.js';

export const VERB_BODY_BYTES = 2 * 1024 * 1024;

/** @param app its error handler becomes the verbs' own. @param prefix before the name of each verb, e.g. `/` */
export const serveVerbs = (
  app: FastifyInstance,
  prefix: string,
  handlers: AdminHandlers,
  logger: Logger,
): void => {
  app.setErrorHandler((error, request, reply) => {
    const { status, failure } = refusalOf(error);
    logger.info({ event: 'admin.refused', verb: request.url, code: failure.code }, 'command refused');
    return reply.code(status).send({ error: failure });
  });
  for (const verb of Object.keys(ADMIN_VERBS) as AdminVerb[]) serve(verb);

  function serve<V extends AdminVerb>(verb: V): void {
    const { input, output } = ADMIN_VERBS[verb];
    const handler = handlers[verb] as (input: unknown) => unknown;
    // Parsed on the way out too: what the table does not name does not leave.
    app.post(`${prefix}${verb}`, async ({ body }) => output.parse(await handler(input.parse(body))));
  }
};

const refusalOf = (error: unknown): { readonly status: number; readonly failure: Failure } => {
  if (error instanceof NodeError) return { status: 422, failure: toFailure(error) };
  if (error instanceof z.ZodError) return badInput(400, z.prettifyError(error));
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : Number.NaN;
  if (status >= 400 && status < 500) return badInput(status, (error as Error).message);
  return { status: 500, failure: toFailure(error) };
};

const badInput = (status: number, message: string) => ({
  status,
  failure: { code: 'ADMIN_INPUT', message, retryable: false },
});
