// What each endpoint does with a request body. Everything here has a name in vLLM's API.
import type { ServerResponse } from 'node:http';
import { chatShape, completionShape } from './answer-shapes.js';
import { ApiError, badRequest, modelUnknown, unavailable } from './api-error.js';
import { EmbeddingJob } from './embedding-job.js';
import type { Sequence } from './engine.js';
import { checkRoom, type GenerationParts, type GenerationRequest, planAnswers } from './generation.js';
import type { Fault, SimulatedModel } from './options.js';
import { chatPrompt, fromIds, type Prompt, promptFaults, textPrompts } from './prompt.js';
import { parseChat, parseCompletion, parseDetokenize, parseEmbedding, parseTokenize } from './requests.js';
import { BEGIN_TOKEN, tokenText } from './tokenizer.js';
import { Vectors } from './vectors.js';

/** One HTTP request with a body that is JSON. */
export interface Call {
  readonly body: unknown;
  /** Stands for this very body and the caller's request id, if it sent one: repeats when they do. */
  readonly id: string;
  readonly response: ServerResponse;
}

export interface HandlerParts extends GenerationParts {
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
    this.generate(call, {
      id: `chatcmpl-${call.id}`,
      model,
      request,
      shape: chatShape,
      prompts: [chatPrompt(request.messages)],
      maxTokens: request.max_completion_tokens ?? request.max_tokens,
      logprobs,
      echo: false,
    });
  }

  completion(call: Call): void {
    const request = parseCompletion(call.body);
    const model = this.model(request.model, 'chat', 'Completions');
    this.generate(call, {
      id: `cmpl-${call.id}`,
      model,
      request,
      shape: completionShape,
      prompts: textPrompts(request.prompt),
      maxTokens: request.max_tokens ?? 16, // OpenAI's default for this endpoint
      logprobs: request.logprobs,
      echo: request.echo === true,
    });
  }

  embedding(call: Call): void {
    const request = parseEmbedding(call.body);
    const model = this.model(request.model, 'embedding', 'Embeddings');
    const { embeddingDimensions } = this.parts.options;
    const dimensions = request.dimensions ?? embeddingDimensions;
    if (dimensions > embeddingDimensions) {
      throw badRequest(
        `Model "${model.name}" has ${embeddingDimensions} dimensions, got ${dimensions}.`,
        'dimensions',
      );
    }
    const prompts = textPrompts(request.input);
    checkRoom(this.parts.options, prompts, 0);
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

  private generate(call: Call, asked: Omit<GenerationRequest, 'faults'>): void {
    const { options } = this.parts;
    if ((asked.logprobs ?? 0) > options.maxLogprobs) {
      throw badRequest(
        `Requested sample logprobs of ${asked.logprobs}, which is greater than max allowed: ${options.maxLogprobs}`,
        'logprobs',
      );
    }
    checkRoom(options, asked.prompts, asked.maxTokens);
    const faults = this.faults(asked.prompts);
    this.run(call.response, planAnswers(this.parts, call.response, { ...asked, faults }));
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
