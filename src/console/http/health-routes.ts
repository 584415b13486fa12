// What whoever looks after the node may ask without a token: whether it lives, is well, is ready, which version it is,
// and its metrics.
import type { FastifyInstance } from 'fastify';
import { isHalted, reasonsNotReady } from '../health.js';
import type { Metrics } from '../metrics/metrics.js';
import type { NodeView } from '../node-view.js';

export interface HealthParts {
  readonly view: NodeView;
  readonly agentVersion: string;
  readonly metrics: Metrics;
}

export const healthRoutes = (app: FastifyInstance, { view, agentVersion, metrics }: HealthParts): void => {
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/healthz', async (_request, reply) => {
    const status = view.status();
    const healthy = !isHalted(status);
    return reply.code(healthy ? 200 : 503).send({
      healthy,
      stage: status.stage,
      runtime: status.runtime.state,
      reason: status.failure?.code ?? null,
    });
  });
  app.get('/readyz', async (_request, reply) => {
    const status = view.status();
    const reasons = reasonsNotReady(status);
    const ready = reasons.length === 0;
    return reply.code(ready ? 200 : 503).send({ ready, stage: status.stage, reasons });
  });
  app.get('/version', async () => ({ name: 'resultity-node', version: agentVersion, node: process.version }));
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = await metrics.expose(request.headers.accept);
    return reply.headers({ 'cache-control': 'no-store', 'content-type': contentType }).send(body);
  });
};
