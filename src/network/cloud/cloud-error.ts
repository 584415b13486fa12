// Every way the Cloud API says no: HTTP status, OpenAI's error object, and the headers that steer a client's retries.
// The words are the network's own; what an engine, a node or a library said stays inside.
import { NodeError } from '../../errors.js';

export type ErrorType =
  | 'invalid_request_error'
  | 'insufficient_quota'
  | 'rate_limit_exceeded'
  | 'not_found_error'
  | 'server_error';

export interface Refusal {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string;
  readonly message: string;
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Body of every error answer, and of the `data:` line that ends a failed stream. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: ErrorType;
    readonly param: string | null;
    readonly code: string;
  };
}

/** OpenAI's SDK obeys it whatever the status: the same call will not fare better. */
export const NO_RETRY = { 'x-should-retry': 'false' };

/** `code` is the one in the body: a client's program branches on it. */
export class CloudError extends NodeError {
  readonly code: string;
  readonly retryable: boolean;
  readonly status: number;
  readonly type: ErrorType;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: Refusal, cause?: unknown) {
    super(refusal.message, { cause });
    this.code = refusal.code;
    this.status = refusal.status;
    this.type = refusal.type;
    this.param = refusal.param ?? null;
    this.headers = refusal.headers ?? {};
    this.retryable = (refusal.status === 429 || refusal.status >= 500) && !('x-should-retry' in this.headers);
  }

  body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** Seconds for the standard header, milliseconds for the one OpenAI's SDK prefers. */
export const retryAfter = (ms: number): Record<string, string> => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1000))),
  'retry-after-ms': String(Math.max(1, Math.ceil(ms))),
});

export const badRequest = (
  code: string,
  message: string,
  param: string | null = null,
  status = 400,
): CloudError => new CloudError({ status, type: 'invalid_request_error', code, message, param });

export const badKey = (): CloudError =>
  new CloudError({
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message:
      "no valid API key: send 'Authorization: Bearer rk-…' with a key of this network that was not revoked",
    headers: { 'www-authenticate': 'Bearer' },
  });

export const noSuchModel = (model: string): CloudError =>
  new CloudError({
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: `this network does not serve the model '${model}' here; GET /v1/models lists what it serves`,
    param: 'model',
  });

export const noSuchJob = (): CloudError =>
  new CloudError({
    status: 404,
    type: 'not_found_error',
    code: 'job_not_found',
    message: 'no job with this id belongs to the API key',
  });

export const noSuchRoute = (method: string, path: string): CloudError =>
  new CloudError({
    status: 404,
    type: 'not_found_error',
    code: 'unknown_url',
    message: `unknown request URL: ${method} ${path}`,
  });

export const noCredits = (): CloudError =>
  new CloudError({
    status: 402,
    type: 'insufficient_quota',
    code: 'credit_balance_exhausted',
    message: 'the credits of this namespace do not cover the request; deposit more, or ask for fewer tokens',
  });

/** @param afterMs milliseconds until the key may ask again */
export const tooFast = (afterMs: number, limit: number): CloudError =>
  new CloudError({
    status: 429,
    type: 'rate_limit_exceeded',
    code: 'rate_limit_exceeded',
    message: `this API key may send ${limit} requests a second`,
    headers: { ...retryAfter(afterMs), ...rateHeaders(limit, 0, Math.max(1, Math.ceil(afterMs / 1000))) },
  });

/** The headers OpenAI's clients read their budget from. */
export const rateHeaders = (
  limit: number,
  remaining: number,
  resetSeconds: number,
): Record<string, string> => ({
  'x-ratelimit-limit-requests': String(limit),
  'x-ratelimit-remaining-requests': String(remaining),
  'x-ratelimit-reset-requests': `${resetSeconds}s`,
});

export const upstreamFailed = (cause?: unknown): CloudError =>
  new CloudError(
    {
      status: 502,
      type: 'server_error',
      code: 'upstream_failed',
      message: 'the request was tried on the network and failed; nothing was charged',
      headers: NO_RETRY,
    },
    cause,
  );

export const internal = (cause: unknown): CloudError =>
  new CloudError(
    {
      status: 500,
      type: 'server_error',
      code: 'internal_error',
      message: 'the network made a mistake of its own',
    },
    cause,
  );

/** The key named another request before, or one whose stream was read already. */
export const keyReused = (message: string): CloudError =>
  new CloudError({
    status: 409,
    type: 'invalid_request_error',
    code: 'idempotency_key_reused',
    message,
    param: 'idempotency-key',
    headers: NO_RETRY,
  });
