// The OpenAI-compatible API as a fastify plugin: models, chat completions, completions, embeddings, and jobs to poll.
// Who asks is settled before a byte of the body is read; what is asked is the desk's business.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import { ENDPOINT_PATH, type Endpoint } from '../../protocol/openai/endpoint.js';
import { ulid } from '../../protocol/primitives.js';
import type { JobDesk, JobOrder, JobView, ServedModel } from '../desk/job-desk.js';
import { plainAnswer, streamAnswer } from './answer-job.js';
import {
  badKey,
  badRequest,
  keyReused,
  noSuchJob,
  noSuchModel,
  rateHeaders,
  tooFast,
} from './cloud-error.js';
import { EventStream } from './event-stream.js';
import { jobOrder } from './job-order.js';
import { jobStatusBody } from './job-status.js';
import { type CloudLimits, DEFAULT_LIMITS } from './limits.js';
import { sendCloudError } from './send-cloud-error.js';
import type { Timers } from './timers.js';

export interface ApiPrincipal {
  /** Who pays. */
  readonly namespace: string;
  readonly keyId: string;
}

export interface CloudApiDeps {
  readonly desk: JobDesk;
  /** @returns undefined for a key that is unknown or revoked */
  readonly authenticate: (bearer: string) => ApiPrincipal | undefined;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits?: Partial<CloudLimits>;
}

/** Register it without a prefix: the paths are OpenAI's. Its hooks and its error handler stay inside. */
export const cloudApi: FastifyPluginAsync<CloudApiDeps> = async (app, deps) => {
  const { desk, logger } = deps;
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const principals = new WeakMap<FastifyRequest, ApiPrincipal>();
  const principalOf = (request: FastifyRequest): ApiPrincipal => {
    const principal = principals.get(request);
    if (principal === undefined) throw badKey();
    return principal;
  };

  app.setErrorHandler((error, request, reply) => sendCloudError(error, request, reply, logger));
  readJsonWithinBounds(app, limits.bodyBytes);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-cache, no-transform' });
    const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '') ?? [];
    const principal = bearer === undefined ? undefined : deps.authenticate(bearer);
    if (principal === undefined) throw badKey();
    principals.set(request, principal);
  });
  await app.register(rateLimit, {
    hook: 'preParsing',
    max: limits.requestsPerSecond,
    timeWindow: 1_000,
    keyGenerator: (request) => principalOf(request).keyId,
    errorResponseBuilder: (_request, { ttl, max }) => tooFast(ttl, max),
  });
  app.addHook('preValidation', async (_request, reply) => {
    const [remaining, reset] = ['x-ratelimit-remaining', 'x-ratelimit-reset'].map((name) =>
      Number(reply.getHeader(name) ?? 0),
    );
    reply.headers(rateHeaders(limits.requestsPerSecond, remaining ?? 0, reset ?? 0));
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const fields = { method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime };
    logger.debug(
      { event: 'cloud.answered', requestId: reply.getHeader('x-request-id'), ...fields },
      'answered',
    );
  });

  for (const endpoint of Object.keys(ENDPOINT_PATH) as Endpoint[]) {
    app.post(ENDPOINT_PATH[endpoint], (request, reply) => serve(endpoint, request, reply));
  }
  app.get('/v1/models', async () => ({ object: 'list', data: desk.models().map(modelBody) }));
  // A wildcard: a model's name may hold slashes, and not every client encodes them.
  app.get<{ Params: { '*': string } }>('/v1/models/*', async ({ params: { '*': id } }) => {
    const model = desk.models().find((one) => one.id === id);
    if (model === undefined) throw noSuchModel(id.slice(0, 128));
    return modelBody(model);
  });
  app.get<{ Params: { id: string } }>('/v1/jobs/:id', async (request, reply) => {
    const view = findJob(request);
    reply.header('x-request-id', view.job);
    return jobStatusBody(view);
  });
  app.delete<{ Params: { id: string } }>('/v1/jobs/:id', async (request, reply) => {
    const { job } = findJob(request);
    desk.cancel(job, principalOf(request).namespace);
    reply.header('x-request-id', job);
    return jobStatusBody(findJob(request));
  });

  const findJob = (request: FastifyRequest<{ Params: { id: string } }>) => {
    const { id } = request.params;
    const view = ulid.safeParse(id).success ? desk.find(id, principalOf(request).namespace) : undefined;
    if (view === undefined) throw noSuchJob();
    return view;
  };

  const serve = async (
    endpoint: Endpoint,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const { namespace } = principalOf(request);
    const order = jobOrder(endpoint, request.body, request.headers, namespace, limits);
    const gone = goneSignal(reply);
    const handle = await desk.submit(order);
    reply.header('x-request-id', handle.job);
    const isNamed = order.idempotencyKey !== undefined;
    if (isNamed) checkSameRequest(order, desk.find(handle.job, namespace));
    if (order.mode === 'poll') {
      reply.code(202).headers({ location: `/v1/jobs/${handle.job}`, 'preference-applied': 'respond-async' });
      return { object: 'job', request_id: handle.job, status: 'queued' };
    }
    // Whoever named the request may come back for it after a broken connection, unless chunks were lost with it.
    if (order.mode === 'stream' || !isNamed) {
      whenAborted(gone, () => handle.cancel('client_gone'));
    }
    if (order.mode === 'sync') return plainAnswer(order.request, handle, reply);
    await streamAnswer(order.request, handle, new EventStream(reply, deps.timers, limits), gone, isNamed);
    return reply;
  };
};

const modelBody = ({ id, created_ms, tasks, context_tokens, nodes }: ServedModel) => ({
  id,
  object: 'model',
  created: Math.floor(created_ms / 1000),
  owned_by: 'resultity',
  tasks,
  context_tokens,
  /** Some node would take a job for it now; which and how many is nobody's business. */
  available: nodes > 0,
});

/** @throws CloudError `idempotency_key_reused` when the key gave a job of another kind */
const checkSameRequest = ({ request }: JobOrder, view: JobView | undefined): void => {
  if (view === undefined) return;
  if (view.endpoint === request.endpoint && view.model === request.body.model) return;
  throw keyReused('this Idempotency-Key was used for a request to another endpoint or model');
};

/** Depth and number of keys are bounded before JSON.parse, which blocks on hostile input. */
const readJsonWithinBounds = (app: FastifyInstance, bodyLimit: number): void => {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (_request, bytes, done) => {
    try {
      done(null, parseBoundedJson(bytes as Buffer, { maxBytes: bodyLimit }));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'not valid JSON';
      done(badRequest('invalid_json', `the request body cannot be read: ${why}`));
    }
  });
};

/** Aborts when the connection closes before the answer is complete. */
const goneSignal = ({ raw }: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
};

const whenAborted = (signal: AbortSignal, work: () => void): void => {
  if (signal.aborted) work();
  else signal.addEventListener('abort', work, { once: true });
};
