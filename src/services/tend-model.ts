// The steps of a listed model's life: look, fetch, verify, prove, remove.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { EngineClient } from '../adapters/engine/engine-client.js';
import type { ModelStore } from '../adapters/models/model-store.js';
import { toFailure } from '../errors.js';
import type { ModelEntry } from '../protocol/config-snapshot.js';
import { parseJobRequest } from '../protocol/openai/request.js';
import type { ConfigInForce } from './config-in-force.js';
import { buildEngineRequest } from './engine-request.js';
import { ModelTestError } from './service-errors.js';

export interface TendModelParts {
  readonly config: ConfigInForce;
  readonly store: ModelStore;
  /** The engine that serves this model for this network; undefined while none does. */
  readonly engine: (digest: string) => EngineClient | undefined;
  /** Whether another network’s node on this host lists it too: then its files stay. */
  readonly isListedElsewhere?: (digest: string) => boolean;
  readonly logger: Logger;
}

interface ModelRef {
  readonly digest: string;
}

/** Tokens a test inference may produce where the configuration does not say. */
const TEST_TOKENS = 16;

const entryOf = (config: ConfigInForce, { digest }: ModelRef): ModelEntry => {
  const entry = config.model(digest);
  if (entry === undefined) throw new ModelTestError('the model is no longer listed');
  return entry;
};

/** Whether its verified files are there; a model without files always is. */
export const inspectModel = ({ config, store }: TendModelParts) =>
  fromPromise<boolean, ModelRef>(async ({ input }) => {
    const { files, digest } = entryOf(config, input);
    return files.length === 0 || store.pathOf(digest) !== undefined;
  });

/** @throws ModelDownloadError, DiskFullError */
export const downloadModel = ({ config, store, logger }: TendModelParts) =>
  fromPromise<void, ModelRef>(async ({ input, signal }) => {
    const { id, digest, files } = entryOf(config, input);
    logger.info(
      { event: 'model.download_started', model: id, digest, files: files.length },
      'downloading model',
    );
    await store.download(
      digest,
      files,
      ({ doneBytes, totalBytes }) =>
        logger.debug(
          { event: 'model.download_progress', model: id, doneBytes, totalBytes },
          'downloading model',
        ),
      signal,
    );
  });

/** @throws ModelCorruptError */
export const verifyModel = ({ config, store, logger }: TendModelParts) =>
  fromPromise<void, ModelRef>(async ({ input, signal }) => {
    const { id, digest, files } = entryOf(config, input);
    await store.verify(digest, files, signal);
    logger.info({ event: 'model.verified', model: id, digest }, 'model verified');
  });

/** @throws ModelTestError: no Runtime, no answer in time, or not the expected one */
export const testModel = ({ config, engine, logger }: TendModelParts) =>
  fromPromise<void, ModelRef>(async ({ input, signal }) => {
    const { id, test } = entryOf(config, input);
    const client = engine(input.digest);
    if (client === undefined) throw new ModelTestError('no Runtime is ready');
    const parsed = parseJobRequest(test.endpoint, { ...test.request, model: id });
    if (!parsed.ok)
      throw new ModelTestError(`the configured test is not a valid request: ${parsed.refusal.message}`);
    const startedMs = performance.now();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), test.timeout_ms);
    const stop = (): void => limit.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const request = buildEngineRequest(parsed.request, { streamed: false, maxTokens: TEST_TOKENS });
      const answer = await client.complete(test.endpoint, request, limit.signal);
      if (test.contains !== undefined && !answer.body.includes(test.contains)) {
        throw new ModelTestError('the test inference did not give the expected answer');
      }
      const tookMs = Math.round(performance.now() - startedMs);
      logger.info(
        { event: 'model.test_passed', model: id, tookMs, completionTokens: answer.usage?.completionTokens },
        'test inference passed',
      );
    } catch (error) {
      const failure = toFailure(error);
      logger.warn(
        { event: 'model.test_failed', model: id, code: failure.code, err: error },
        'test inference failed',
      );
      if (error instanceof ModelTestError) throw error;
      throw new ModelTestError(`the test inference failed (${failure.code})`, { cause: error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  });

export const removeModel = ({ store, logger, isListedElsewhere }: TendModelParts) =>
  fromPromise<void, ModelRef>(async ({ input }) => {
    if (isListedElsewhere?.(input.digest)) {
      logger.info({ event: 'model.kept', digest: input.digest }, 'no longer listed here; its files stay');
      return;
    }
    await store.remove(input.digest);
    logger.info({ event: 'model.removed', digest: input.digest }, 'model removed');
  });
