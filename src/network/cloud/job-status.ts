// What a polling client sees of its job: a status, and once it is over the ordinary answer or the ordinary error.
import type { JobView } from '../desk/job-desk.js';
import { answerBody } from './answer-body.js';
import { CloudError, type ErrorBody, internal } from './cloud-error.js';
import { refusalError } from './desk-refusals.js';
import { answerIdentity } from './identity.js';

export interface JobStatusBody {
  readonly object: 'job';
  readonly request_id: string;
  readonly status: JobView['status'];
  readonly endpoint: JobView['endpoint'];
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly finished: number | null;
  /** The body a waiting client would have got; null for a stream, whose chunks are not kept. */
  readonly response: Record<string, unknown> | null;
  readonly error: ErrorBody['error'] | null;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

export const jobStatusBody = (view: JobView): JobStatusBody => {
  const { response, error } = outcome(view);
  return {
    object: 'job',
    request_id: view.job,
    status: error !== null && view.status === 'completed' ? 'failed' : view.status,
    endpoint: view.endpoint,
    model: view.model,
    created: seconds(view.created_ms),
    finished: view.finished_ms === null ? null : seconds(view.finished_ms),
    response,
    error,
  };
};

const outcome = ({ job, end, endpoint, model }: JobView): Pick<JobStatusBody, 'response' | 'error'> => {
  if (end === null) return { response: null, error: null };
  if (end.type === 'failed') return { response: null, error: refusalError(end.refusal).body().error };
  if (end.output === null) return { response: null, error: null };
  try {
    return { response: answerBody(end.output, answerIdentity(job, endpoint, model), end.usage), error: null };
  } catch (caught) {
    const error = caught instanceof CloudError ? caught : internal(caught);
    return { response: null, error: error.body().error };
  }
};
