// What each endpoint does with a request body. Everything here has a name in vLLM's API.
import type { ServerResponse } from 'node:http';
import { type AnswerHead, type AnswerShape, chatShape, completionShape } from './answer-shapes.js';
import { ApiError, badRequest, contextExceeded, modelUnknown, unavailable } from './api-error.js';
import { Choice } from './choice.js';
import { EmbeddingJob } from './embedding-job.js';
import type { Engine, Sequence } from './engine.js';
import type { Fault, SimulatedModel, SimulatorOptions } from './options.js';
import { chatPrompt, fromIds, type Prompt, promptFaults, textPrompts } from './prompt.js';
import { fingerprint } from './random.js';
import { StreamReply, WholeReply } from './replies.js';
import {
  type ChatRequest,
  type CompletionRequest,
  parseChat,
  parseCompletion,
  parseDetokenize,
  parseEmbedding,
  parseTokenize,
} from './requests.js';
import { BEGIN_TOKEN, tokenText } from './tokenizer.js';
import { Vectors } from './vectors.js';

/** One HTTP request with a body that is JSON. */
export interface Call {
  readonly body: unknown;
  /** Stands for this very body and the caller's request id, if it sent one: repeats when they do. */
  readonly id: string;
  readonly response: ServerResponse;
}

export interface HandlerParts {
  readonly options: SimulatorOptions;
  readonly engine: Engine;
  readonly fingerprint: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly struck: (fault: Fault) => void;
}

const sendJson = (response: ServerResponse, body: string): void => {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
};

export class Handlers {
  private readonly byName: ReadonlyMap<string, SimulatedModel>;
  private readonly vectors = new Map<string, Vectors>();
  private taken = 0;

  constructor(private readonly parts: HandlerParts) {
    this.byName = new Map(parts.options.models.map((model) => [model.name, model]));
  }

  /** True once the fault `503` has struck: the engine is dead although the server talks. */
  isUnavailable(): boolean {
    return this.parts.options.faults.some(({ kind, after }) => kind === '503' && this.taken >= after);
  }

  chat(call: Call): void {
    const request = parseChat(call.body);
    const model = this.model(request.model, 'chat', 'Chat Completions');
    const logprobs = request.logprobs === true ? (request.top_logprobs ?? 0) : undefined;
    this.generate(call, model, request, chatShape, {
      prompts: [chatPrompt(request.messages)],
      maxTokens: request.max_completion_tokens ?? request.max_tokens,
      logprobs,
      prefix: 'chatcmpl-',
      echo: false,
    });
  }

  completion(call: Call): void {
    const request = parseCompletion(call.body);
    const model = this.model(request.model, 'chat', 'Completions');
    this.generate(call, model, request, completionShape, {
      prompts: textPrompts(request.prompt),
      maxTokens: request.max_tokens ?? 16, // OpenAI's default for this endpoint
      logprobs: request.logprobs,
      prefix: 'cmpl-',
      echo: request.echo === true,
    });
  }

  embedding(call: Call): void {
    const request = parseEmbedding(call.body);
    const model = this.model(request.model, 'embedding', 'Embeddings');
    const { embeddingDimensions, maxModelLen } = this.parts.options;
    const dimensions = request.dimensions ?? embeddingDimensions;
    if (dimensions > embeddingDimensions) {
      throw badRequest(
        `Model "${model.name}" has ${embeddingDimensions} dimensions, got ${dimensions}.`,
        'dimensions',
      );
    }
    const prompts = textPrompts(request.input);
    for (const { ids } of prompts) {
      if (ids.length > maxModelLen) throw contextExceeded(maxModelLen, ids.length, 0);
    }
    const vectors = this.vectors.get(model.name) ?? new Vectors(model.name, embeddingDimensions);
    this.vectors.set(model.name, vectors);
    const job = new EmbeddingJob(call.response, {
      id: `embd-${call.id}`,
      created: this.seconds(),
      model: model.name,
      vectors: prompts.map(({ ids }) => vectors.embed(ids, dimensions)),
      promptTokens: prompts.reduce((sum, { ids }) => sum + ids.length, 0),
      base64: request.encoding_format === 'base64',
      faults: this.faults(prompts),
    });
    this.run(call.response, [job]);
  }

  tokenize(call: Call): void {
    const request = parseTokenize(call.body);
    this.anyModel(request.model);
    const prompt =
      'messages' in request
        ? chatPrompt(request.messages, request.add_generation_prompt ?? true)
        : textPrompts(request.prompt)[0];
    const all = prompt?.ids ?? [];
    const tokens =
      'prompt' in request && request.add_special_tokens === false
        ? all.filter((id) => id !== BEGIN_TOKEN)
        : all;
    sendJson(
      call.response,
      JSON.stringify({
        count: tokens.length,
        max_model_len: this.parts.options.maxModelLen,
        tokens,
        token_strs: request.return_token_strs === true ? tokens.map(tokenText) : null,
      }),
    );
  }

  detokenize(call: Call): void {
    const request = parseDetokenize(call.body);
    this.anyModel(request.model);
    sendJson(call.response, JSON.stringify({ prompt: fromIds(request.tokens).text }));
  }

  private generate(
    call: Call,
    model: SimulatedModel,
    request: ChatRequest | CompletionRequest,
    shape: AnswerShape,
    asked: {
      readonly prompts: readonly Prompt[];
      readonly maxTokens: number | undefined;
      readonly logprobs: number | undefined;
      readonly prefix: string;
      readonly echo: boolean;
    },
  ): void {
    const { maxModelLen, maxLogprobs, enableForceIncludeUsage, seed } = this.parts.options;
    const { prompts } = asked;
    if ((asked.logprobs ?? 0) > maxLogprobs) {
      throw badRequest(
        `Requested sample logprobs of ${asked.logprobs}, which is greater than max allowed: ${maxLogprobs}`,
      );
    }
    for (const { ids } of prompts) {
      if (ids.length + (asked.maxTokens ?? 1) > maxModelLen) {
        throw contextExceeded(maxModelLen, ids.length, asked.maxTokens ?? 1);
      }
    }
    const faults = this.faults(prompts);
    const each = request.n ?? 1;
    const temperature = request.temperature ?? 1;
    const head: AnswerHead = {
      id: `${asked.prefix}${call.id}`,
      created: this.seconds(),
      model: model.name,
      fingerprint: this.parts.fingerprint,
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
      promptIds:
        request.return_token_ids === true ? (index: number) => promptOf(index)?.ids ?? [] : undefined,
      abandon: () => {
        for (const choice of choices) this.parts.engine.abort(choice);
      },
    };
    const reply =
      request.stream === true
        ? new StreamReply(call.response, settings)
        : new WholeReply(call.response, settings);
    for (const [at, { ids }] of prompts.entries()) {
      const prompt = fingerprint(...ids);
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
    this.run(call.response, choices);
  }

  private run(response: ServerResponse, sequences: readonly Sequence[]): void {
    response.once('close', () => {
      for (const sequence of sequences) this.parts.engine.abort(sequence);
    });
    for (const sequence of sequences) this.parts.engine.submit(sequence);
  }

  /** @throws ApiError 503 when that is the fault */
  private faults(prompts: readonly Prompt[]): readonly Fault[] {
    const { options, struck } = this.parts;
    const marked = options.allowPromptFaults ? prompts.flatMap(({ text }) => promptFaults(text)) : [];
    const refused = marked.find(({ kind }) => kind === '503');
    if (this.isUnavailable() || refused !== undefined) {
      struck(refused ?? { kind: '503', after: this.taken });
      throw unavailable();
    }
    this.taken += 1;
    return [...options.faults, ...marked];
  }

  private model(name: string | undefined, task: SimulatedModel['task'], api: string): SimulatedModel {
    const found = this.anyModel(name, task);
    if (found.task === task) return found;
    // vLLM serves one model and does not mount the others' endpoints; here they may exist for another model.
    if (this.parts.options.models.every((model) => model.task !== task)) {
      throw new ApiError(404, 'NotFoundError', 'Not Found');
    }
    throw badRequest(`The model does not support ${api} API`, 'model');
  }

  /** Without a name, the first model, as vLLM does; here the first one of the task. */
  private anyModel(name: string | undefined, task?: SimulatedModel['task']): SimulatedModel {
    const { models } = this.parts.options;
    const found =
      name === undefined
        ? (models.find((model) => task === undefined || model.task === task) ?? models[0])
        : this.byName.get(name);
    if (found === undefined) throw modelUnknown(name ?? '');
    return found;
  }

  private seconds(): number {
    return Math.floor(this.parts.now() / 1000);
  }
}
