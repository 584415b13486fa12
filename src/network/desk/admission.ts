// Whether a request can be a job under a configuration, how much output it may have, and what it may cost: pure.
import type { ConfigSnapshot, ModelEntry } from '../../protocol/config-snapshot.js';
import { LIMITS } from '../../protocol/limits.js';
import { ENDPOINT_TASK } from '../../protocol/openai/endpoint.js';
import { type JobRequest, requestedTokens } from '../../protocol/openai/request.js';
import { TooManyTokensError, UnknownModelError } from './desk-errors.js';
import type { JobUsage } from './job-desk.js';

export interface Admission {
  readonly model: ModelEntry;
  readonly maxOutputTokens: number;
  /** The most the job can plausibly use: what is reserved. */
  readonly atMost: JobUsage;
}

/** Room in an offer for what is not the request. */
const OFFER_OVERHEAD_BYTES = 4096;
/** A token is rarely shorter than two bytes of the request's JSON, whose own syntax covers a chat template. */
const BYTES_PER_TOKEN = 2;

/** @throws UnknownModelError, TooManyTokensError */
export const admit = (request: JobRequest, config: ConfigSnapshot | undefined): Admission => {
  const { endpoint, body } = request;
  const model = config?.models.find(({ id, enabled }) => enabled && id === body.model);
  if (config === undefined || !model?.tasks.includes(ENDPOINT_TASK[endpoint])) {
    throw new UnknownModelError(`no model of that name for ${ENDPOINT_TASK[endpoint]} in the configuration`, {
      advice: 'GET /v1/models lists the models and their tasks.',
    });
  }
  const bytes = Buffer.byteLength(JSON.stringify(body));
  const maxBytes = Math.min(config.jobs.max_input_bytes, LIMITS.offerBytes - OFFER_OVERHEAD_BYTES);
  if (bytes > maxBytes) {
    throw new TooManyTokensError(`the request has ${bytes} bytes; at most ${maxBytes} are accepted`, {
      details: { bytes, maxBytes },
    });
  }
  const most = Math.min(config.jobs.max_output_tokens, model.context_tokens);
  const maxOutputTokens = requestedTokens(request) ?? most;
  if (maxOutputTokens > most) {
    throw new TooManyTokensError(
      `${maxOutputTokens} output tokens are asked for; at most ${most} are served`,
      {
        details: { maxOutputTokens, most },
      },
    );
  }
  const input = Math.ceil(bytes / BYTES_PER_TOKEN);
  return {
    model,
    maxOutputTokens,
    atMost: { prompt_tokens: input, completion_tokens: maxOutputTokens },
  };
};
