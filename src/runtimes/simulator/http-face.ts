// HTTP: which path leads where, how a body is read, and how a refusal looks.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { ApiError, badRequest } from './api-error.js';
import type { Engine } from './engine.js';
import type { Call, Handlers } from './handlers.js';
import type { Metrics } from './metrics.js';
import type { SimulatorOptions } from './options.js';
import { fingerprint } from './random.js';

/** The vLLM release whose behaviour is imitated. */
export const IMITATED_VERSION = '0.32.0';
export const SERVER_NAME = 'resultity-engine-simulator';

/** Bytes of a request body; far above any prompt that fits a context. */
const BODY_BYTES = 64 * 1024 * 1024;

export interface HttpParts {
  readonly options: SimulatorOptions;
  readonly handlers: Handlers;
  readonly engine: Engine;
  readonly metrics: Metrics;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES) {
      throw new ApiError(413, 'BadRequestError', `The body is larger than ${BODY_BYTES} bytes.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const readCall = async (request: IncomingMessage, response: ServerResponse, seed: number): Promise<Call> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError(415, 'BadRequestError', "Unsupported Media Type: Only 'application/json' is allowed");
  }
  const text = await readBody(request);
  const named = request.headers['x-request-id'];
  const id = typeof named === 'string' ? named : fingerprint(request.url ?? '', seed, text);
  try {
    return { body: JSON.parse(text) as unknown, id, response };
  } catch {
    throw badRequest('JSON decode error: the body is not JSON');
  }
};

const json = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

export const createHttpFace = (parts: HttpParts): Server => {
  const { options, handlers, engine, metrics, logger } = parts;
  const createdAt = Math.floor(parts.now() / 1000);

  const read: Readonly<Record<string, (response: ServerResponse) => void>> = {
    '/health': (response) => {
      response.writeHead(handlers.isUnavailable() ? 503 : 200).end();
    },
    '/ping': (response) => {
      response.writeHead(handlers.isUnavailable() ? 503 : 200).end();
    },
    '/version': (response) =>
      json(response, {
        version: `${IMITATED_VERSION}+simulator`,
        simulator: true,
        notice: 'This is the Resultity engine simulator, not vLLM: its text is made up.',
      }),
    '/load': (response) => {
      const { running, waiting } = engine.gauges();
      json(response, { server_load: running + waiting });
    },
    '/metrics': (response) => {
      response
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        .end(metrics.render(engine.gauges()));
    },
    '/v1/models': (response) =>
      json(response, {
        object: 'list',
        data: options.models.map(({ name }) => ({
          id: name,
          object: 'model',
          created: createdAt,
          owned_by: SERVER_NAME,
          root: options.model ?? name,
          parent: null,
          max_model_len: options.maxModelLen,
          permission: [],
        })),
      }),
  };
  const write: Readonly<Record<string, (call: Call) => void>> = {
    '/v1/chat/completions': (call) => handlers.chat(call),
    '/v1/completions': (call) => handlers.completion(call),
    '/v1/embeddings': (call) => handlers.embedding(call),
    '/tokenize': (call) => handlers.tokenize(call),
    '/detokenize': (call) => handlers.detokenize(call),
  };

  const refuse = (response: ServerResponse, caught: unknown): void => {
    if (response.destroyed) return;
    const known = caught instanceof ApiError;
    if (!known) logger.error({ event: 'simulator.bug', err: caught }, 'the simulator itself has failed');
    const error = known
      ? caught
      : new ApiError(500, 'InternalServerError', 'The simulator itself has failed.');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // Whatever of the body is still on its way is not waited for.
    const headers = {
      'content-type': 'application/json',
      ...(error.status === 413 ? { connection: 'close' } : {}),
    };
    response.writeHead(error.status, headers).end(error.body());
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const reads = Object.hasOwn(read, path) ? read[path] : undefined;
    const writes = Object.hasOwn(write, path) ? write[path] : undefined;
    if (reads !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
      reads(response);
    } else if (writes !== undefined && request.method === 'POST') {
      writes(await readCall(request, response, options.seed));
    } else if (reads === undefined && writes === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}');
    } else {
      response.writeHead(405, { 'content-type': 'application/json' }).end('{"detail":"Method Not Allowed"}');
    }
  };

  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.setHeader('server', SERVER_NAME);
    route(request, response).catch((caught: unknown) => refuse(response, caught));
  });
};
