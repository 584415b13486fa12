// Whatever goes wrong inside the Cloud API leaves it as OpenAI's error object. Words of libraries do not.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { NodeError } from '../../errors.js';
import { badRequest, CloudError, internal, noCredits, noSuchModel } from './cloud-error.js';
import { refusalError } from './desk-refusals.js';

export const sendCloudError = (
  caught: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply => {
  const error = cloudErrorOf(caught, request);
  if (error.status >= 500) {
    const fields = { event: 'cloud.failed', requestId: reply.getHeader('x-request-id'), code: error.code };
    logger.warn({ ...fields, err: error.cause }, 'request failed');
  }
  return reply.code(error.status).headers(error.headers).send(error.body());
};

const cloudErrorOf = (caught: unknown, request: FastifyRequest): CloudError => {
  if (caught instanceof CloudError) return caught;
  if (caught instanceof NodeError) return ofDesk(caught, request);
  return ofFastify(caught);
};

/** What the desk refuses an order with. */
const ofDesk = (error: NodeError, request: FastifyRequest): CloudError => {
  switch (error.code) {
    case 'INSUFFICIENT_CREDITS':
      return noCredits();
    case 'UNKNOWN_MODEL':
      return noSuchModel(modelOf(request.body));
    case 'SHUTTING_DOWN':
      return refusalError({ code: 'shutting_down', outcome: null, param: null });
    case 'TOO_MANY_TOKENS':
      return badRequest('context_length_exceeded', error.message, tokenFieldOf(request.body));
    default:
      return internal(error);
  }
};

const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

/** Only called for a body that passed the allowlist, so the name is short and printable. */
const modelOf = (body: unknown): string => String(field(body, 'model'));

const tokenFieldOf = (body: unknown): string =>
  field(body, 'max_completion_tokens') === undefined ? 'max_tokens' : 'max_completion_tokens';

const FASTIFY: Readonly<Record<number, readonly [code: string, message: string]>> = {
  413: ['request_too_large', 'the request body is larger than this network accepts'],
  415: ['unsupported_media_type', "the request body must be JSON: send 'Content-Type: application/json'"],
};

const ofFastify = (caught: unknown): CloudError => {
  const status = Number(field(caught, 'statusCode'));
  const known = FASTIFY[status];
  if (known !== undefined) return badRequest(known[0], known[1], null, status);
  if (status >= 400 && status < 500) return badRequest('invalid_request', 'the request cannot be read');
  return internal(caught);
};
