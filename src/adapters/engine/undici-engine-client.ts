// The engine client over HTTP: which path is asked for what, within which limits.
import type {
  ChunkListener,
  EngineAddress,
  EngineClient,
  EngineEndpoint,
  EngineLoad,
} from './engine-client.js';
import { connectionsTo } from './engine-connections.js';
import { RuntimeCrashedError, RuntimeRejectedError, RuntimeUnreachableError } from './engine-errors.js';
import { type AnswerSink, Exchange } from './exchange.js';
import { type EngineMetricNames, readEngineLoad, VLLM_METRIC_NAMES } from './prometheus-text.js';
import { SilenceWatch } from './silence-watch.js';
import { StreamSink } from './stream-sink.js';
import { readModels, readVersion, readWholeAnswer } from './whole-answer.js';
import { WholeSink } from './whole-sink.js';

export interface EngineClientOptions {
  /** Sent as a bearer token. A second lock only: engines leave paths open that it does not guard. */
  readonly apiKey?: string;
  /** Milliseconds without a byte before the engine counts as stalled. Default 120,000. */
  readonly idleMs?: number;
  /** Milliseconds to connect. Default 5,000. */
  readonly connectMs?: number;
  /** Bytes of one answer, streamed or whole. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** UTF-16 units of one streamed event or line. Default 1 Mi. */
  readonly maxEventChars?: number;
  /** Milliseconds the engine may hold the connection after `[DONE]`. Default 1,000. */
  readonly lingerMs?: number;
  /** Where the engine tells that it is well. Default `/health`, which Ollama does not have. */
  readonly healthPath?: string;
  /** Default `/version`; null: it does not tell. */
  readonly versionPath?: string | null;
  /** Default `/metrics`; null: it has none. */
  readonly metricsPath?: string | null;
  /** Defaults to vLLM's. */
  readonly metricNames?: EngineMetricNames;
}

/** All that is ever called: engines have open control endpoints beside these. */
const ENDPOINT_PATHS: Readonly<Record<EngineEndpoint, string>> = {
  'chat.completions': '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};
const READ_ONLY_PATHS = ['/health', '/v1/models', '/version', '/api/version', '/metrics'];

const MAX_CONTROL_BYTES = 4 * 1024 * 1024;
const MEBI = 1024 * 1024;

/**
 * @param address http(s) URL of the engine's root, or its Unix socket
 * @throws TypeError not a URL, or a path that is not on the list; drivers and engine definitions give good ones
 */
export const createEngineClient = (
  address: EngineAddress,
  options: EngineClientOptions = {},
): EngineClient => {
  const { idleMs = 120_000, maxAnswerBytes = 64 * MEBI, maxEventChars = MEBI, lingerMs = 1_000 } = options;
  const { connectMs = 5_000, metricNames = VLLM_METRIC_NAMES } = options;
  const { healthPath = '/health', versionPath = '/version', metricsPath = '/metrics' } = options;
  for (const path of [healthPath, versionPath, metricsPath]) {
    if (path !== null && !READ_ONLY_PATHS.includes(path)) {
      throw new TypeError(
        `${path} is not a path an engine is asked for; known: ${READ_ONLY_PATHS.join(' ')}`,
      );
    }
  }
  const connections = connectionsTo(address, connectMs);
  const silence = new SilenceWatch(idleMs);
  const authorization = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
  const getHeaders = { accept: '*/*', ...authorization };
  const postHeaders = { 'content-type': 'application/json', ...authorization };

  const get = <T>(path: string, read: (bytes: Buffer) => T, signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    const limits = { maxAnswerBytes: MAX_CONTROL_BYTES, silence };
    const exchange = new Exchange(new WholeSink(read), limits, signal);
    connections.send({ method: 'GET', path, headers: getHeaders }, exchange);
    return exchange.result;
  };

  const post = <T>(
    endpoint: EngineEndpoint,
    request: object,
    sink: AnswerSink<T>,
    signal: AbortSignal,
    isPatient: boolean,
  ): Promise<T> => {
    signal.throwIfAborted();
    const exchange = new Exchange(sink, { maxAnswerBytes, silence, isPatient }, signal);
    const body = JSON.stringify(request);
    connections.send(
      { method: 'POST', path: ENDPOINT_PATHS[endpoint], headers: postHeaders, body },
      exchange,
    );
    return exchange.result;
  };

  return {
    async health(signal) {
      try {
        await get(healthPath, () => undefined, signal);
      } catch (error) {
        // A probe has no job to lose: whatever broke, the engine is not there.
        if (!(error instanceof RuntimeCrashedError)) throw error;
        throw new RuntimeUnreachableError('the engine is not well', { cause: error, details: error.details });
      }
    },

    async models(signal) {
      return get('/v1/models', readModels, signal);
    },

    async version(signal) {
      if (versionPath === null) return undefined;
      return unlessPathUnknown(get(versionPath, readVersion, signal), undefined);
    },

    async load(signal) {
      if (metricsPath === null) return NO_LOAD;
      const read = (bytes: Buffer): EngineLoad => readEngineLoad(bytes.toString('utf8'), metricNames);
      return unlessPathUnknown(get(metricsPath, read, signal), NO_LOAD);
    },

    async complete(endpoint, request, signal) {
      const body =
        endpoint === 'embeddings' ? request : { ...request, stream: false, stream_options: undefined };
      // The first byte comes when the whole answer is finished, so only the caller knows how long that may take.
      const sink = new WholeSink((bytes) => readWholeAnswer(endpoint, bytes));
      return post(endpoint, body, sink, signal, true);
    },

    async stream(endpoint, request, onChunk: ChunkListener, signal) {
      const sink = new StreamSink(onChunk, { maxEventChars, choices: choicesAskedFor(request), lingerMs });
      const body = { stream_options: { include_usage: true }, ...request, stream: true };
      return post(endpoint, body, sink, signal, false);
    },

    async close() {
      await connections.close();
    },
  };
};

const NO_LOAD: EngineLoad = { running: null, waiting: null, kvUse: null, tokensOut: null };

/** Engines without this endpoint answer 404; that is knowledge, not a failure. */
const unlessPathUnknown = async <T>(answer: Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RuntimeRejectedError && error.details.status === 404) return otherwise;
    throw error;
  }
};

const choicesAskedFor = (request: object): number => {
  const n: unknown = 'n' in request ? request.n : undefined;
  return typeof n === 'number' && Number.isSafeInteger(n) && n > 0 ? n : 1;
};
