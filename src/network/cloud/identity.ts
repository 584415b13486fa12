// What every answer of one job shares: its OpenAI id, its moment, the model's name as the client wrote it.
import { decodeTime } from 'ulid';
import type { Endpoint } from '../../protocol/openai/endpoint.js';
import type { JobUsage } from '../desk/job-desk.js';

export interface AnswerIdentity {
  readonly endpoint: Endpoint;
  readonly id: string;
  /** Unix seconds, taken from the job's ULID: the same however often the job is asked about. */
  readonly createdSeconds: number;
  readonly model: string;
}

const PREFIX: Readonly<Record<Endpoint, string>> = {
  'chat.completions': 'chatcmpl-',
  completions: 'cmpl-',
  embeddings: 'embd-',
};

/** @param job the job's ULID */
export const answerIdentity = (job: string, endpoint: Endpoint, model: string): AnswerIdentity => ({
  endpoint,
  id: PREFIX[endpoint] + job,
  createdSeconds: Math.floor(decodeTime(job) / 1000),
  model,
});

/** The usage the network accepted and billed, in OpenAI's words. */
export const usageBody = ({ prompt_tokens, completion_tokens }: JobUsage) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
});
