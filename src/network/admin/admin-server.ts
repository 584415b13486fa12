// Answers the operator's commands on a Unix socket inside the data directory: who may enter the directory may ask.
import { chmod, rm } from 'node:fs/promises';
import fastify from 'fastify';
import type { Logger } from 'pino';
import { AdminSocketError } from './admin-errors.js';
import type { AdminHandlers } from './admin-verbs.js';
import { serveVerbs, VERB_BODY_BYTES } from './serve-verbs.js';

/** Bytes of a Unix socket's path that every system takes whole (`sun_path` is 104 bytes on macOS). */
const SOCKET_PATH_BYTES = 103;
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
  const app = fastify({ bodyLimit: VERB_BODY_BYTES, forceCloseConnections: true });
  serveVerbs(app, '/', handlers, logger);
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
