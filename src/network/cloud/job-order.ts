// From an HTTP request to a job's order: the allowlist, how the client waits, how long, and under which name it repeats.
import type { IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from '../../protocol/openai/endpoint.js';
import { type JobRequest, parseJobRequest } from '../../protocol/openai/request.js';
import type { JobOrder } from '../desk/job-desk.js';
import { badRequest } from './cloud-error.js';
import type { CloudLimits } from './limits.js';

/** Clients cannot jump the queue: priority is the network's to give. */
const PRIORITY = 5;

/** Life of the job in milliseconds, queue included; absent: the network's default. */
export const TTL_HEADER = 'x-resultity-ttl-ms';

/** @throws CloudError 400 that names the field or header */
export const jobOrder = (
  endpoint: Endpoint,
  body: unknown,
  headers: IncomingHttpHeaders,
  namespace: string,
  limits: CloudLimits,
): JobOrder => {
  const parsed = parseJobRequest(endpoint, body);
  if (!parsed.ok) throw badRequest(parsed.refusal.code, parsed.refusal.message, parsed.refusal.param);
  const idempotencyKey = idempotencyKeyOf(headers);
  return {
    namespace,
    request: parsed.request,
    mode: modeOf(parsed.request, headers),
    ttlMs: ttlOf(headers, limits),
    priority: PRIORITY,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
};

export const asksForUsage = ({ body }: JobRequest): boolean =>
  'stream_options' in body && body.stream_options?.include_usage === true;

const modeOf = ({ body }: JobRequest, headers: IncomingHttpHeaders): JobOrder['mode'] => {
  const isStream = 'stream' in body && body.stream === true;
  if ('stream_options' in body && body.stream_options != null && !isStream) {
    throw badRequest(
      'invalid_value',
      "'stream_options' has a meaning only with 'stream: true'",
      'stream_options',
    );
  }
  if (!prefersAsync(headers)) return isStream ? 'stream' : 'sync';
  if (!isStream) return 'poll';
  throw badRequest(
    'invalid_value',
    "a job cannot be streamed and polled: leave out 'stream' or 'Prefer'",
    'stream',
  );
};

/** RFC 7240: preferences are a comma-separated list, each with optional parameters. */
const prefersAsync = ({ prefer }: IncomingHttpHeaders): boolean =>
  [prefer ?? []]
    .flat()
    .join(',')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');

const ttlOf = (headers: IncomingHttpHeaders, limits: CloudLimits): number => {
  const text = headers[TTL_HEADER];
  if (text === undefined) return limits.ttlMs;
  const ms = typeof text === 'string' && /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (ms >= limits.minTtlMs && ms <= limits.maxTtlMs) return ms;
  throw badRequest(
    'invalid_value',
    `'${TTL_HEADER}' must be a whole number of milliseconds from ${limits.minTtlMs} to ${limits.maxTtlMs}`,
    TTL_HEADER,
  );
};

const idempotencyKeyOf = (headers: IncomingHttpHeaders): string | undefined => {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw badRequest(
    'invalid_value',
    "'Idempotency-Key' must be 1 to 255 printable ASCII characters without spaces",
    'idempotency-key',
  );
};
