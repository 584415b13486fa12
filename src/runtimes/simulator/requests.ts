// Request bodies as vLLM takes them. Fields that only steer a real model's sampling are checked and then not used.
import { z } from 'zod';
import { type ApiError, badRequest } from './api-error.js';

/** Answers one request may ask for; vLLM bounds it by VLLM_MAX_N_SEQUENCES, which the node sets to 8. */
const MOST_CHOICES = 64;

const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);

const number = (name: string, check: (value: number) => boolean, must: string) =>
  optional(z.number().refine(check, { error: ({ input }) => `${name} must ${must}, got ${String(input)}.` }));

const tokenIds = z.array(z.number().int().nonnegative()).min(1);

const sampling = {
  model: optional(z.string()),
  stream: optional(z.boolean()),
  stream_options: optional(
    z.object({ include_usage: optional(z.boolean()), continuous_usage_stats: optional(z.boolean()) }),
  ),
  max_tokens: number('max_tokens', (value) => Number.isInteger(value) && value >= 1, 'be at least 1'),
  min_tokens: number('min_tokens', (value) => Number.isInteger(value) && value >= 0, 'be at least 0'),
  n: number(
    'n',
    (value) => Number.isInteger(value) && value >= 1 && value <= MOST_CHOICES,
    `be between 1 and ${MOST_CHOICES}`,
  ),
  temperature: number('temperature', (value) => value >= 0, 'be non-negative'),
  top_p: number('top_p', (value) => value > 0 && value <= 1, 'be in (0, 1]'),
  top_k: number('top_k', (value) => Number.isInteger(value) && value >= -1, 'be 0 (disable), or at least 1'),
  min_p: number('min_p', (value) => value >= 0 && value <= 1, 'be in [0, 1]'),
  presence_penalty: number('presence_penalty', (value) => value >= -2 && value <= 2, 'be in [-2, 2]'),
  frequency_penalty: number('frequency_penalty', (value) => value >= -2 && value <= 2, 'be in [-2, 2]'),
  repetition_penalty: number('repetition_penalty', (value) => value > 0, 'be greater than zero'),
  seed: optional(z.number().int()),
  stop: optional(
    z.union([
      z.string().transform((one) => [one]),
      z.array(z.string()).max(64, { error: 'stop can hold at most 64 strings' }),
    ]),
  ),
  include_stop_str_in_output: optional(z.boolean()),
  ignore_eos: optional(z.boolean()),
  return_token_ids: optional(z.boolean()),
  response_format: optional(z.object({ type: z.string() })),
};

const content = z.union([
  z.string(),
  z.null().transform(() => ''),
  z
    .array(z.object({ type: z.string(), text: optional(z.string()) }))
    .superRefine((parts, context) => {
      if (parts.some(({ type }) => type !== 'text' && type !== 'input_text')) {
        context.addIssue({
          code: 'custom',
          message: 'the simulator is not a multimodal model: text parts only',
        });
      }
    })
    .transform((parts) => parts.map(({ text }) => text ?? '').join('\n')),
]);

const messages = z
  .array(z.object({ role: z.string().min(1), content: content.optional().transform((text) => text ?? '') }))
  .min(1, { error: 'messages must hold at least one message' });

export type Messages = z.output<typeof messages>;

const chatSchema = z.object({
  ...sampling,
  messages,
  max_completion_tokens: sampling.max_tokens,
  logprobs: optional(z.boolean()),
  top_logprobs: number('top_logprobs', (value) => Number.isInteger(value) && value >= 0, 'be non-negative'),
  tools: optional(z.array(z.unknown())),
  tool_choice: optional(z.unknown()),
});

const completionSchema = z.object({
  ...sampling,
  prompt: z.union([z.string(), tokenIds, z.array(z.string()).min(1), z.array(tokenIds).min(1)]),
  logprobs: number('logprobs', (value) => Number.isInteger(value) && value >= 0, 'be non-negative'),
  echo: optional(z.boolean()),
});

const embeddingSchema = z.object({
  model: optional(z.string()),
  input: z.union([z.string(), tokenIds, z.array(z.string()).min(1), z.array(tokenIds).min(1)]),
  encoding_format: optional(z.enum(['float', 'base64'])),
  dimensions: number('dimensions', (value) => Number.isInteger(value) && value >= 1, 'be greater than 0'),
});

const tokenizeSchema = z.union([
  z.object({
    model: optional(z.string()),
    messages,
    return_token_strs: optional(z.boolean()),
    add_generation_prompt: optional(z.boolean()),
  }),
  z.object({
    model: optional(z.string()),
    prompt: z.string(),
    add_special_tokens: optional(z.boolean()),
    return_token_strs: optional(z.boolean()),
  }),
]);

const detokenizeSchema = z.object({
  model: optional(z.string()),
  tokens: z.array(z.number().int().nonnegative()),
});

export type ChatRequest = z.output<typeof chatSchema>;
export type CompletionRequest = z.output<typeof completionSchema>;

/** @throws ApiError 400 that says which field is wrong */
const parse = <T extends z.ZodType>(schema: T, body: unknown): z.output<T> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error);
};

const refusal = ({ issues }: z.ZodError): ApiError => {
  const [first] = issues;
  const field = first === undefined || first.path.length === 0 ? null : String(first.path[0]);
  return badRequest(issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '), field);
};

const checkSampling = (request: ChatRequest | CompletionRequest): void => {
  if (request.stream_options !== undefined && request.stream !== true) {
    throw badRequest('Stream options can only be defined when `stream=True`.', 'stream_options');
  }
  if (request.temperature === 0 && (request.n ?? 1) > 1) {
    throw badRequest(`n must be 1 when using greedy sampling, got ${request.n}.`, 'n');
  }
  if (request.stop?.some((text) => text === '') === true) {
    throw badRequest('stop cannot contain an empty string.', 'stop');
  }
  if (request.response_format !== undefined && request.response_format.type !== 'text') {
    throw badRequest('the simulator makes up text: response_format can only be text', 'response_format');
  }
};

export const parseChat = (body: unknown): ChatRequest => {
  const request = parse(chatSchema, body);
  checkSampling(request);
  if ((request.tools?.length ?? 0) > 0 && request.tool_choice !== 'none') {
    throw badRequest(
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      'tool_choice',
    );
  }
  if (request.top_logprobs !== undefined && request.top_logprobs > 0 && request.logprobs !== true) {
    throw badRequest('when using `top_logprobs`, `logprobs` must be set to true.', 'top_logprobs');
  }
  return request;
};

export const parseCompletion = (body: unknown): CompletionRequest => {
  const request = parse(completionSchema, body);
  checkSampling(request);
  return request;
};

export const parseEmbedding = (body: unknown) => parse(embeddingSchema, body);
export const parseTokenize = (body: unknown) => parse(tokenizeSchema, body);
export const parseDetokenize = (body: unknown) => parse(detokenizeSchema, body);
