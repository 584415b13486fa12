// The daemon's local side: HTTP with JSON over a Unix socket that only its owner can open. It reads, and passes on
// what only the owner may order.
import { chmod, rm } from 'node:fs/promises';
import Fastify from 'fastify';
import { z } from 'zod';
import { NodeError, toFailure } from '../errors.js';
import type { NodeSteering } from './node-steering.js';
import type { ConsolePlace, NodeView } from './node-view.js';
import { ownerOrder } from './order-view.js';

/** The control socket could not be opened. */
export class ControlSocketError extends NodeError {
  readonly code = 'CONTROL_SOCKET';
  readonly retryable = false;
}

export interface ControlServer {
  close(): Promise<void>;
}

const jobsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  network: z.string().max(2048).optional(),
});

/** A note of 200 characters, however they are escaped, and what is around it. */
const BODY_BYTES = 4096;

/** sun_path of Linux, less the terminating NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * @param path of the socket; the data directory's lock must be held, for a stale socket is removed
 * @throws ControlSocketError with advice
 */
export const startControlServer = async (
  path: string,
  view: NodeView,
  steering: NodeSteering,
  consolePlace: () => ConsolePlace | Promise<ConsolePlace> = () => ({ url: null, failure: null }),
): Promise<ControlServer> => {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new ControlSocketError(
      `the path of the control socket is longer than ${MAX_SOCKET_PATH_BYTES} bytes: ${path}`,
      {
        advice: 'Choose a shorter data directory (--data-dir).',
      },
    );
  }
  await rm(path, { force: true });
  const server = Fastify({ logger: false, bodyLimit: BODY_BYTES });
  server.get('/status', () => view.status());
  server.get('/console', () => consolePlace());
  server.post('/runtime/retry', () => steering.retryRuntime());
  server.post('/reports/upload', () => steering.uploadReports());
  server.post('/order', async (request, reply) => {
    const order = ownerOrder.safeParse(request.body);
    if (!order.success) {
      const message = `the order is not one: ${z.prettifyError(order.error)}`;
      return reply.code(400).send({ error: { code: 'USAGE', message, retryable: false } });
    }
    try {
      return await steering.order(order.data);
    } catch (caught) {
      return reply.code(caught instanceof NodeError ? 409 : 500).send({ error: toFailure(caught) });
    }
  });
  server.get('/jobs', (request, reply) => {
    const query = jobsQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: 'limit must be a number from 1 to 1000' });
    return { jobs: view.jobs(query.data.limit, query.data.network) };
  });
  try {
    await server.listen({ path });
    await chmod(path, 0o600);
  } catch (cause) {
    throw new ControlSocketError(`cannot open the control socket ${path}`, {
      cause,
      advice: 'Check that the data directory is on a file system that allows sockets.',
    });
  }
  return {
    close: async () => {
      await server.close();
      await rm(path, { force: true });
    },
  };
};
