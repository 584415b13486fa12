// The engine's request, rebuilt field by field from an allowlisted one: nothing a client wrote reaches the engine
// unless it is named here.
import type { JobRequest } from '../protocol/openai/request.js';

/** Drops fields that are absent or null, so that the engine's own defaults hold. */
const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/**
 * @param maxTokens the job's bound on output tokens; the request may ask for fewer
 * `user`, `stream` and `stream_options` are the Agent's to set: usage is always asked for, for the receipt needs it.
 */
export const buildEngineRequest = (
  request: JobRequest,
  options: { readonly streamed: boolean; readonly maxTokens: number },
): Record<string, unknown> => {
  if (request.endpoint === 'embeddings') {
    const { model, input, encoding_format, dimensions } = request.body;
    return present({ model, input, encoding_format, dimensions });
  }
  const { body } = request;
  const stream = options.streamed
    ? { stream: true, stream_options: { include_usage: true } }
    : { stream: false };
  const sampling = present({
    model: body.model,
    temperature: body.temperature,
    top_p: body.top_p,
    top_k: body.top_k,
    min_p: body.min_p,
    presence_penalty: body.presence_penalty,
    frequency_penalty: body.frequency_penalty,
    repetition_penalty: body.repetition_penalty,
    stop: body.stop,
    seed: body.seed,
  });
  if (request.endpoint === 'completions') {
    const { prompt, logprobs, max_tokens } = request.body;
    return {
      ...sampling,
      ...stream,
      ...present({ prompt, logprobs }),
      max_tokens: Math.min(max_tokens ?? options.maxTokens, options.maxTokens),
    };
  }
  const { messages, logprobs, top_logprobs, max_completion_tokens, max_tokens } = request.body;
  return {
    ...sampling,
    ...stream,
    ...present({ messages, logprobs, top_logprobs }),
    max_tokens: Math.min(max_completion_tokens ?? max_tokens ?? options.maxTokens, options.maxTokens),
  };
};
