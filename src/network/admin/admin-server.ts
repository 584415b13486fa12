// Answers the operator's commands on a Unix socket inside the data directory: who may enter the directory may ask.
import { chmod, rm } from 'node:fs/promises';
import fastify from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { NodeError, toFailure } from '../../errors.js';
import { AdminSocketError } from './admin-errors.js';
import { ADMIN_VERBS, type AdminHandlers, type AdminVerb } from './admin-verbs.js';

/** Bytes of a Unix socket's path that every system takes whole (`sun_path` is 104 bytes on macOS). */
const SOCKET_PATH_BYTES = 103;
const BODY_BYTES = 2 * 1024 * 1024;
const SOCKET_MODE = 0o600;

/**
 * The caller holds the directory's lock, so a socket that is there already is a dead one's.
 * @returns closes it
 * @throws AdminSocketError
 */
export const startAdminServer = async (
  socketPath: string,
  handlers: AdminHandlers,
  logger: Logger,
): Promise<() => Promise<void>> => {
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_BYTES) {
    throw new AdminSocketError(
      `the path of the admin socket is longer than ${SOCKET_PATH_BYTES} bytes: ${socketPath}`,
      {
        advice: 'Use a data directory with a shorter path.',
      },
    );
  }
  const app = fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true });
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    logger.info({ event: 'admin.refused', verb: request.url, code: failure.code }, 'command refused');
    return reply.code(error instanceof NodeError ? 422 : statusOf(error)).send({ error: failure });
  });
  for (const verb of Object.keys(ADMIN_VERBS) as AdminVerb[]) serve(verb);

  function serve<V extends AdminVerb>(verb: V): void {
    const { input, output } = ADMIN_VERBS[verb];
    const handler = handlers[verb] as (input: unknown) => unknown;
    // Parsed on the way out too: what the table does not name does not leave.
    app.post(`/${verb}`, async ({ body }) => output.parse(await handler(input.parse(body))));
  }

  await rm(socketPath, { force: true });
  try {
    await app.listen({ path: socketPath });
    await chmod(socketPath, SOCKET_MODE);
  } catch (cause) {
    await app.close();
    throw new AdminSocketError(`the admin socket ${socketPath} cannot be made`, {
      advice: 'Put the data directory on a local disk: some network file systems know no sockets.',
      cause,
    });
  }
  return () => app.close();
};

const statusOf = (error: unknown): number => (error instanceof z.ZodError ? 400 : 500);

const failureOf = (error: unknown) =>
  error instanceof z.ZodError
    ? { code: 'ADMIN_INPUT', message: z.prettifyError(error), retryable: false }
    : toFailure(error);
