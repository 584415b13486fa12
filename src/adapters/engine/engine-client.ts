// All the node asks of an inference engine, whichever it is: vLLM's OpenAI-compatible face is the normal form.
// Prompts and outputs pass through here and are never logged.
import type { EngineChunk } from './stream-chunk.js';

/**
 * Where an engine listens. A Unix socket is the default: it needs no network.
 * `ownerUid`, where known, is who must own the socket file; it is checked at each connection.
 */
export type EngineAddress =
  | { readonly kind: 'tcp'; readonly url: string }
  | { readonly kind: 'unix'; readonly path: string; readonly ownerUid?: number };

/** The three OpenAI endpoints a job may use; the only paths ever called with a job's content. */
export type EngineEndpoint = 'chat.completions' | 'completions' | 'embeddings';

/** Those that can answer token by token. */
export type StreamingEndpoint = Exclude<EngineEndpoint, 'embeddings'>;

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
  /** Of the first choice; undefined for embeddings. */
  readonly finishReason: string | undefined;
}

/** How a stream ended. Only a stream with a finish reason and no error line is a success. */
export interface EngineStreamEnd {
  readonly usage: EngineUsage | undefined;
  /** Of the choice with the lowest index. */
  readonly finishReason: string;
}

/** Gets each SSE `data` text unaltered and in order, without `[DONE]`, and what it parses to. */
export type ChunkListener = (data: string, chunk: EngineChunk) => void | Promise<void>;

/**
 * Every method throws `signal.reason` as it is when the signal aborts, after the request has been destroyed.
 * The signal is the only limit on total time; the limits on bytes and silence are the client's own.
 */
export interface EngineClient {
  /**
   * @throws RuntimeUnreachableError nothing listens, or it answered 5xx; retryable
   * @throws RuntimeRejectedError it answered 4xx: not this engine, or not this key
   */
  health(signal: AbortSignal): Promise<void>;
  models(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /** Engine version; undefined where the engine does not tell. */
  version(signal: AbortSignal): Promise<string | undefined>;
  /** All null where the engine has no metrics. */
  load(signal: AbortSignal): Promise<EngineLoad>;
  /**
   * One plain request; `stream` in the request is overwritten.
   * @throws RuntimeRejectedError the engine answered 4xx: the request's fault, not retryable (429 is)
   * @throws RuntimeUnreachableError no connection, or 502, 503, 504
   * @throws RuntimeCrashedError the connection or the engine broke in the middle
   * @throws RuntimeStalledError bytes stopped coming
   * @throws OutputMalformedError the answer does not have the promised shape, or is larger than allowed
   */
  complete(endpoint: EngineEndpoint, request: object, signal: AbortSignal): Promise<EngineAnswer>;
  /**
   * One streamed request; `stream` is overwritten and usage is asked for unless the request says otherwise.
   * When `onChunk` returns a promise, reading pauses until it settles (backpressure); what it throws ends
   * the request and is thrown as it is.
   * Aborting the signal destroys the request, which is how an engine is told to stop generating.
   * @throws the same as {@link complete}; an error line inside the stream is RuntimeCrashedError
   */
  stream(
    endpoint: StreamingEndpoint,
    request: object,
    onChunk: ChunkListener,
    signal: AbortSignal,
  ): Promise<EngineStreamEnd>;
  /** Closes all connections at once; requests still running fail with RuntimeCrashedError. */
  close(): Promise<void>;
}
