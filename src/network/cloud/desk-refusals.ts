// What the desk's refusals of a job mean to a client.
import type { JobRefusal } from '../desk/job-desk.js';
import { CloudError, NO_RETRY, type Refusal, retryAfter, upstreamFailed } from './cloud-error.js';

const NO_CAPACITY_RETRY_MS = 10_000;
const RESTART_RETRY_MS = 5_000;

/** By the desk's code; anything not listed is a failure of nodes. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  no_capacity: {
    status: 503,
    type: 'server_error',
    code: 'no_capacity',
    message: 'no node that serves this model is free at the moment',
    headers: retryAfter(NO_CAPACITY_RETRY_MS),
  },
  shutting_down: {
    status: 503,
    type: 'server_error',
    code: 'shutting_down',
    message: 'the network is about to restart',
    headers: retryAfter(RESTART_RETRY_MS),
  },
  deadline_exceeded: {
    status: 504,
    type: 'server_error',
    code: 'deadline_exceeded',
    message: 'the request was not finished within its time; nothing was charged',
    headers: NO_RETRY,
  },
  context_length_exceeded: {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message: 'input and requested output together are longer than the context of the model',
  },
  invalid_request: {
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_value',
    message: 'the model cannot serve this request as it is',
  },
  slow_client: {
    status: 408,
    type: 'invalid_request_error',
    code: 'slow_client',
    message: 'the answer was not read as fast as it was made',
    headers: NO_RETRY,
  },
  cancelled: {
    status: 409,
    type: 'invalid_request_error',
    code: 'cancelled',
    message: 'the job was cancelled before it was finished; nothing was charged',
    headers: NO_RETRY,
  },
};

export const refusalError = (refusal: JobRefusal): CloudError => {
  const known = Object.hasOwn(REFUSALS, refusal.code) ? REFUSALS[refusal.code] : undefined;
  return known === undefined ? upstreamFailed() : new CloudError({ ...known, param: refusal.param });
};
