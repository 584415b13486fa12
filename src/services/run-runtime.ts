// The steps of the Runtime's life: prepare, start, warm, watch, stop.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { RuntimeExit, RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import { createEngineProgress, followProgress } from './engine-progress.js';
import type { RuntimeControl } from './runtime-control.js';
import { RuntimeMismatchError } from './service-errors.js';
import type { Canary } from './suspect-silence.js';

export interface RunRuntimeParts {
  readonly control: RuntimeControl;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whatever the engine needs to know before it can be started with this spec. */
  readonly prepare: (spec: RuntimeSpec) => Promise<void>;
  /** Between two health checks of a ready Runtime; milliseconds. */
  readonly healthEveryMs: number;
  /** Jobs in hand and no token from any of them for so long make the engine suspect of hanging; milliseconds. */
  readonly silenceMs: number;
  /** The smallest request for a spec; undefined where the engine knows none. */
  readonly canary: (spec: RuntimeSpec) => Canary | undefined;
}

export interface SpecInput {
  readonly specHash: string;
}

/** Between two looks at an engine that is loading; milliseconds. */
const WARM_EVERY_MS = 100;
const STOP_GRACE_MS = 5_000;

const specOf = ({ control }: RunRuntimeParts, { specHash }: SpecInput): RuntimeSpec => {
  const spec = control.specs.get(specHash);
  if (spec === undefined) throw new Error(`no Runtime spec ${specHash}`);
  return spec;
};

export const prepareRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { driver } = parts.control;
    const spec = specOf(parts, input);
    await driver.reconcile(spec);
    await driver.prepare(spec, () => {}, signal);
    await parts.prepare(spec);
  });

/** @throws RuntimeStartError with advice */
export const startRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { control, clock, logger } = parts;
    const spec = specOf(parts, input);
    const exited = (exit: RuntimeExit): void => {
      logger.warn(
        { event: 'runtime.exited', code: exit.code, signal: exit.signal },
        'the Runtime ended by itself',
      );
      control.onExit?.(exit);
    };
    const { address } = await control.driver.start(spec, { exited, noticed: () => {} }, signal);
    const client = control.connect(address);
    const progress = createEngineProgress(clock.monotonicMs);
    control.watched = { progress, client };
    control.client = followProgress(client, progress);
    control.startedMs = clock.nowMs();
    logger.info(
      {
        event: 'runtime.started',
        driver: control.driver.kind,
        engine: spec.engine,
        models: spec.models.map(({ id }) => id),
      },
      'Runtime started; loading',
    );
  });

/**
 * Waits until the engine is healthy and lists the wanted models.
 * @throws RuntimeMismatchError when it is healthy and lists others
 */
export const warmRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { control, logger } = parts;
    const spec = specOf(parts, input);
    const { client } = control;
    if (client === undefined) throw new Error('there is no Runtime to warm');
    const startedMs = performance.now();
    for (;;) {
      try {
        await client.health(signal);
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        await pause(WARM_EVERY_MS, undefined, { signal });
      }
    }
    const served = (await client.models(signal)).map(({ id }) => id);
    const missing = spec.models.map(({ id }) => id).filter((id) => !served.includes(id));
    if (missing.length > 0) {
      throw new RuntimeMismatchError(`the engine serves ${list(served)} and not ${list(missing)}`, {
        advice: `Start the engine so that it serves ${list(missing)} under these names (vLLM: --served-model-name).`,
        details: { served, missing },
      });
    }
    control.version = await client.version(signal);
    control.isWarm = true;
    logger.info(
      { event: 'runtime.ready', version: control.version, tookMs: Math.round(performance.now() - startedMs) },
      'Runtime ready',
    );
  });

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

/** Requests still running fail at once: whoever waits for them hears of it before the engine is gone. */
export const stopRuntime = ({ control, logger }: RunRuntimeParts) =>
  fromPromise<void, undefined>(async () => {
    const { client } = control;
    control.client = undefined;
    control.watched = undefined;
    control.isWarm = false;
    control.version = undefined;
    control.startedMs = undefined;
    await client?.close();
    await control.driver.stop(STOP_GRACE_MS);
    logger.info({ event: 'runtime.stopped' }, 'Runtime stopped');
  });
