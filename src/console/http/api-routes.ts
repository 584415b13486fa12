// What the page may ask of the node, and order, once it has shown the token.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { bearerGuard } from '../../pages/serve-page.js';
import type { NodeSteering } from '../node-steering.js';
import { type NodeView, retestOrder } from '../node-view.js';
import { ownerOrder } from '../order-view.js';
import { UsageError } from './console-errors.js';

export interface ApiParts {
  readonly view: NodeView;
  readonly steering: NodeSteering;
  readonly isToken: (given: string) => boolean;
}

const jobsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  network: z.string().max(2048).optional(),
});

export const apiRoutes = (app: FastifyInstance, { view, steering, isToken }: ApiParts): void => {
  const withToken = { onRequest: bearerGuard(isToken) };
  app.get('/api/status', withToken, async () => view.status());
  app.get('/api/jobs', withToken, async ({ query }) => {
    const { limit, network } = read(jobsQuery, query);
    return { jobs: view.jobs(limit, network) };
  });
  app.post('/api/order', withToken, async ({ body }) => steering.order(read(ownerOrder, body)));
  app.post('/api/runtime/retry', withToken, async () => steering.retryRuntime());
  app.post('/api/reports/upload', withToken, async () => steering.uploadReports());
  app.post('/api/models/retest', withToken, async ({ body }) =>
    steering.retestModel(read(retestOrder, body)),
  );
};

/** @throws UsageError that says what is wrong with the request */
const read = <T>(schema: z.ZodType<T>, given: unknown): T => {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new UsageError(`the request is not one: ${z.prettifyError(parsed.error)}`);
};
