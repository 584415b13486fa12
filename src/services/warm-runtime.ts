// From an engine that was started to one that has proved itself: healthy, with the wanted models, and with an answer to
// a test request.
import { setTimeout as pause } from 'node:timers/promises';
import { fromPromise } from 'xstate';
import type { EngineClient } from '../adapters/engine/engine-client.js';
import {
  RuntimeCrashedError,
  RuntimeRejectedError,
  RuntimeUnreachableError,
} from '../adapters/engine/engine-errors.js';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import { followStartLog } from './follow-start-log.js';
import { deadError, type IsLoading, isDead } from './look-at-health.js';
import { type RunRuntimeParts, type SpecInput, specOf } from './run-runtime.js';
import { RuntimeMismatchError } from './service-errors.js';
import { testAnswer } from './test-answer.js';

/** Between two looks at an engine that is loading; milliseconds. */
const WARM_EVERY_MS = 100;
/** Times it may break off after it was healthy; its exit, if it is one, is heard of meanwhile. */
const MAX_BREAKS = 3;

/**
 * Waits until the engine is healthy, lists the wanted models and answers a test request.
 * @throws RuntimeMismatchError it serves other models
 * @throws StartStalledError it is not healthy, and its log stands still
 * @throws RuntimeDeadError its server talks and the engine behind it has ended
 * @throws WrongOutputError, TestRefusedError what it says to the test request
 */
export const warmRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { control, clock, logger, canary } = parts;
    const spec = specOf(parts, input);
    const client = control.watched?.client;
    if (client === undefined) throw new Error('there is no Runtime to warm');
    const startedMs = clock.monotonicMs();
    const { driver } = control;
    const moves = followStartLog({ driver, monotonicMs: clock.monotonicMs, explain: parts.explain });
    for (let breaks = 0; ; ) {
      await untilHealthy(client, parts.isLoading, moves, signal);
      try {
        await requireModels(client, spec, signal);
        const request = canary(spec);
        if (request !== undefined) await testAnswer(client, request, signal);
        control.version = await client.version(signal);
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        const isFull = error instanceof RuntimeRejectedError && error.retryable;
        if (!isFull && (!isBreak(error) || ++breaks >= MAX_BREAKS)) throw error;
        await pause(WARM_EVERY_MS, undefined, { signal });
      }
    }
    await parts.keepProven(spec);
    control.isWarm = true;
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    logger.info({ event: 'runtime.ready', version: control.version, tookMs }, 'Runtime ready');
  });

const isBreak = (error: unknown): boolean =>
  error instanceof RuntimeUnreachableError || error instanceof RuntimeCrashedError;

const untilHealthy = async (
  client: EngineClient,
  isLoading: IsLoading,
  moves: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    try {
      await client.health(signal);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      if (isDead(error, isLoading)) throw deadError(error);
      await moves();
      await pause(WARM_EVERY_MS, undefined, { signal });
    }
  }
};

const requireModels = async (
  client: EngineClient,
  { models }: RuntimeSpec,
  signal: AbortSignal,
): Promise<void> => {
  const served = (await client.models(signal)).map(({ id }) => id);
  const missing = models.map(({ id }) => id).filter((id) => !served.includes(id));
  if (missing.length === 0) return;
  throw new RuntimeMismatchError(`the engine serves ${list(served)} and not ${list(missing)}`, {
    advice: `Start the engine so that it serves ${list(missing)} under these names (vLLM: --served-model-name).`,
    details: { served, missing },
  });
};

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
