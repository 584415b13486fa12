// The three OpenAI endpoints a job may use.
import { z } from 'zod';

export const endpoint = z.enum(['chat.completions', 'completions', 'embeddings']);
export type Endpoint = z.infer<typeof endpoint>;

/** Path on an OpenAI-compatible server. */
export const ENDPOINT_PATH: Readonly<Record<Endpoint, string>> = {
  'chat.completions': '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};

/** What a model must be able to do for an endpoint. */
export const modelTask = z.enum(['chat', 'completion', 'embedding']);
export type ModelTask = z.infer<typeof modelTask>;

export const ENDPOINT_TASK: Readonly<Record<Endpoint, ModelTask>> = {
  'chat.completions': 'chat',
  completions: 'completion',
  embeddings: 'embedding',
};
