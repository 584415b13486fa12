// All the node asks of an inference engine, whichever it is: vLLM's OpenAI-compatible face is the normal form.
// Prompts and outputs pass through here and are never logged.

/** Where an engine listens. A Unix socket is the default: it needs no network. */
export type EngineAddress =
  | { readonly kind: 'tcp'; readonly url: string }
  | { readonly kind: 'unix'; readonly path: string };

/** The three OpenAI endpoints a job may use; the only paths ever called with a job's content. */
export type EngineEndpoint = 'chat.completions' | 'completions' | 'embeddings';

export interface EngineModel {
  readonly id: string;
  /** Context length in tokens, where the engine says so. */
  readonly maxModelLen: number | undefined;
}

/** Load as the engine reports it. `null` means unknown: a missing metric is never zero. */
export interface EngineLoad {
  readonly running: number | null;
  readonly waiting: number | null;
  /** Share of the KV cache in use, 0..1. */
  readonly kvUse: number | null;
  /** Tokens generated since the engine's start. */
  readonly tokensOut: number | null;
}

export interface EngineUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A whole answer: the engine's response body, byte for byte as text, and what it says it used. */
export interface EngineAnswer {
  readonly body: string;
  readonly usage: EngineUsage | undefined;
  readonly finishReason: string | undefined;
}

/** How a stream ended. Only a stream with a finish reason and no error line is a success. */
export interface EngineStreamEnd {
  readonly usage: EngineUsage | undefined;
  readonly finishReason: string;
}

export interface EngineClient {
  /** @throws RuntimeUnreachableError nothing listens, or it answered 5xx; retryable */
  health(signal: AbortSignal): Promise<void>;
  models(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /** Engine version; undefined where the engine does not tell. */
  version(signal: AbortSignal): Promise<string | undefined>;
  load(signal: AbortSignal): Promise<EngineLoad>;
  /**
   * One plain request.
   * @throws RuntimeRejectedError the engine answered 4xx: the request's fault, not retryable
   * @throws RuntimeUnreachableError no connection
   * @throws RuntimeCrashedError the connection or the engine broke in the middle
   * @throws OutputMalformedError the answer does not have the promised shape
   */
  complete(endpoint: EngineEndpoint, request: object, signal: AbortSignal): Promise<EngineAnswer>;
  /**
   * One streamed request. `onChunk` gets each SSE `data` text unaltered, in order, without `[DONE]`;
   * when it returns a promise, reading pauses until it settles (backpressure).
   * Aborting the signal destroys the request, which is how an engine is told to stop generating.
   * @throws the same as {@link complete}; an error line inside the stream is RuntimeCrashedError
   */
  stream(
    endpoint: EngineEndpoint,
    request: object,
    onChunk: (data: string) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<EngineStreamEnd>;
  /** Closes pooled connections. */
  close(): Promise<void>;
}
