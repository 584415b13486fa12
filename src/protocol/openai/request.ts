// The allowlist of request fields, with ranges: one table for the network's API and for the node, which trusts nobody.
// What is not listed is refused by name, never dropped: engines read extra top-level keys as orders (`chat_template`,
// `cache_salt`, `kv_transfer_params`, … of vLLM).
import { z } from 'zod';
import { modelId } from '../primitives.js';
import { ENDPOINT_TASK, type Endpoint } from './endpoint.js';

const content = z.union([
  z.string(),
  z
    .array(z.strictObject({ type: z.literal('text'), text: z.string() }))
    .min(1)
    .max(256),
]);

const chatMessage = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
  name: z.string().max(64).optional(),
});

const stop = z.union([z.string().min(1).max(64), z.array(z.string().min(1).max(64)).min(1).max(8)]);
const tokens = z.number().int().min(1).max(1_000_000);

const sampling = {
  model: modelId,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.number().int().min(-1).max(1000).optional(),
  min_p: z.number().min(0).max(1).optional(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  repetition_penalty: z.number().gt(0).max(2).optional(),
  stop: stop.nullish(),
  seed: z
    .number()
    .int()
    .min(-(2 ** 53) + 1)
    .max(2 ** 53 - 1)
    .nullish(),
  n: z.literal(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  /** Accepted for compatibility and kept from the engine. */
  user: z.string().max(256).optional(),
};

const chatRequest = z.strictObject({
  ...sampling,
  messages: z.array(chatMessage).min(1).max(2048),
  max_tokens: tokens.nullish(),
  max_completion_tokens: tokens.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(5).nullish(),
  response_format: z.strictObject({ type: z.literal('text') }).optional(),
});

const completionRequest = z.strictObject({
  ...sampling,
  prompt: z.union([z.string(), z.array(z.string()).length(1)]),
  max_tokens: tokens.nullish(),
  logprobs: z.number().int().min(0).max(5).nullish(),
  suffix: z.literal('').nullish(),
});

const tokenIds = z.array(z.number().int().min(0).max(10_000_000)).min(1).max(131_072);

const embeddingRequest = z.strictObject({
  model: modelId,
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1).max(2048),
    tokenIds,
    z.array(tokenIds).min(1).max(2048),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().min(1).max(65_536).optional(),
  user: z.string().max(256).optional(),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type CompletionRequest = z.infer<typeof completionRequest>;
export type EmbeddingRequest = z.infer<typeof embeddingRequest>;

/** A request that passed the allowlist, with its endpoint. */
export type JobRequest =
  | { readonly endpoint: 'chat.completions'; readonly body: ChatRequest }
  | { readonly endpoint: 'completions'; readonly body: CompletionRequest }
  | { readonly endpoint: 'embeddings'; readonly body: EmbeddingRequest };

/** Why a request is refused. `param` names the field; `message` never repeats a value. */
export interface RequestRefusal {
  readonly code: 'unsupported_parameter' | 'invalid_value';
  readonly param: string | null;
  readonly message: string;
}

const SCHEMAS = {
  'chat.completions': chatRequest,
  completions: completionRequest,
  embeddings: embeddingRequest,
} as const;

/** Checks a body against the endpoint's allowlist and rebuilds it into a fresh object. */
export const parseJobRequest = (
  endpoint: Endpoint,
  body: unknown,
):
  | { readonly ok: true; readonly request: JobRequest }
  | { readonly ok: false; readonly refusal: RequestRefusal } => {
  const parsed = SCHEMAS[endpoint].safeParse(body);
  if (parsed.success) return { ok: true, request: { endpoint, body: parsed.data } as JobRequest };
  return { ok: false, refusal: refusalOf(parsed.error, endpoint) };
};

const refusalOf = (error: z.ZodError, endpoint: Endpoint): RequestRefusal => {
  const issue = error.issues[0];
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const param = [path, issue.keys[0]].filter(Boolean).join('.').slice(0, 64);
    return {
      code: 'unsupported_parameter',
      param,
      message: `'${param}' is not supported for ${ENDPOINT_TASK[endpoint]} requests`,
    };
  }
  const param = path === '' ? null : path.slice(0, 64);
  return {
    code: 'invalid_value',
    param,
    message: param === null ? 'the request body must be a JSON object' : `'${param}' is missing or not valid`,
  };
};

/** Output tokens asked for, or undefined where the client left it open. */
export const requestedTokens = (request: JobRequest): number | undefined => {
  if (request.endpoint === 'embeddings') return 0;
  if (request.endpoint === 'completions') return request.body.max_tokens ?? undefined;
  return request.body.max_completion_tokens ?? request.body.max_tokens ?? undefined;
};
