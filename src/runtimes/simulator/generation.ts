// From a checked chat or completion request to the answers the engine is to make, and the reply they go to.
import type { ServerResponse } from 'node:http';
import type { AnswerHead, AnswerShape } from './answer-shapes.js';
import { contextExceeded } from './api-error.js';
import { Choice } from './choice.js';
import type { Engine } from './engine.js';
import type { Fault, SimulatedModel, SimulatorOptions } from './options.js';
import type { Prompt } from './prompt.js';
import { fingerprint } from './random.js';
import { StreamReply, WholeReply } from './replies.js';
import type { ChatRequest, CompletionRequest } from './requests.js';

export interface GenerationParts {
  readonly options: SimulatorOptions;
  readonly engine: Engine;
  /** What `system_fingerprint` says. */
  readonly fingerprint: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

export interface GenerationRequest {
  readonly id: string;
  readonly model: SimulatedModel;
  readonly request: ChatRequest | CompletionRequest;
  readonly shape: AnswerShape;
  readonly prompts: readonly Prompt[];
  /** Undefined: as many as the context has room for. */
  readonly maxTokens: number | undefined;
  /** Alternatives per token; undefined: no logprobs. */
  readonly logprobs: number | undefined;
  readonly echo: boolean;
  readonly faults: readonly Fault[];
}

/** @throws ApiError 400 for what does not fit the context or the limits: to be called before {@link planAnswers} */
export const checkRoom = (options: SimulatorOptions, prompts: readonly Prompt[], maxTokens = 1): void => {
  for (const { ids } of prompts) {
    if (ids.length + maxTokens > options.maxModelLen) {
      throw contextExceeded(options.maxModelLen, ids.length, maxTokens);
    }
  }
};

/**
 * The answers to make, in the order of their index. Begins the reply: a stream's headers leave at once, as vLLM's do.
 */
export const planAnswers = (
  parts: GenerationParts,
  response: ServerResponse,
  asked: GenerationRequest,
): readonly Choice[] => {
  const { maxModelLen, enableForceIncludeUsage, seed } = parts.options;
  const { faults, model, prompts, request, shape } = asked;
  const each = request.n ?? 1;
  const temperature = request.temperature ?? 1;
  const head: AnswerHead = {
    id: asked.id,
    created: Math.floor(parts.now() / 1000),
    model: model.name,
    fingerprint: parts.fingerprint,
  };
  const promptOf = (index: number): Prompt | undefined => prompts[Math.floor(index / each)];
  const choices: Choice[] = [];
  const settings = {
    shape,
    head,
    choices: prompts.length * each,
    promptTokens: prompts.reduce((sum, { ids }) => sum + ids.length, 0),
    usageAtEnd: enableForceIncludeUsage || request.stream_options?.include_usage === true,
    usageAlways: enableForceIncludeUsage || request.stream_options?.continuous_usage_stats === true,
    echo: asked.echo ? (index: number) => promptOf(index)?.text ?? '' : undefined,
    promptIds: request.return_token_ids === true ? (index: number) => promptOf(index)?.ids ?? [] : undefined,
    abandon: () => {
      for (const choice of choices) parts.engine.abort(choice);
    },
  };
  const reply =
    request.stream === true ? new StreamReply(response, settings) : new WholeReply(response, settings);
  for (const [at, { ids }] of prompts.entries()) {
    const prompt = fingerprint(ids.join());
    for (let one = 0; one < each; one += 1) {
      choices.push(
        new Choice(
          {
            index: at * each + one,
            promptTokens: ids.length,
            faults,
            maxTokens: asked.maxTokens ?? maxModelLen - ids.length,
            minTokens: request.min_tokens ?? 0,
            ignoreEnd: request.ignore_eos === true,
            stop: request.stop ?? [],
            includeStop: request.include_stop_str_in_output === true,
            topLogprobs: asked.logprobs,
            returnIds: request.return_token_ids === true,
            // Greedy text depends on nothing but the model and the prompt.
            seed:
              temperature === 0
                ? [model.name, prompt]
                : [model.name, prompt, request.seed ?? seed, temperature, one],
          },
          reply,
        ),
      );
    }
  }
  return choices;
};
