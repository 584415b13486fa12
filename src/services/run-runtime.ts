// The steps of the Runtime's life: prepare, start, warm, watch, stop.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fromCallback, fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { RuntimeExit, RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { RuntimeEvent } from '../machines/runtime-machine.js';
import type { RuntimeControl } from './runtime-control.js';
import { RuntimeMismatchError } from './service-errors.js';

export interface RunRuntimeParts {
  readonly control: RuntimeControl;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whatever the engine needs to know before it can be started with this spec. */
  readonly prepare: (spec: RuntimeSpec) => Promise<void>;
  /** Between two health checks of a ready Runtime; milliseconds. */
  readonly healthEveryMs: number;
}

interface SpecInput {
  readonly specHash: string;
}

/** Between two looks at an engine that is loading; milliseconds. */
const WARM_EVERY_MS = 100;
const HEALTH_WITHIN_MS = 5_000;
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
    control.client = control.connect(address);
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

/** Reports exits, and doubts as health checks come and go. */
export const watchRuntime = ({ control, healthEveryMs, logger }: RunRuntimeParts) =>
  fromCallback<RuntimeEvent, SpecInput>(({ sendBack }) => {
    const report: (event: RuntimeEvent) => void = sendBack;
    const left = new AbortController();
    const exited = ({ code, signal }: RuntimeExit): void => report({ type: 'runtime.exited', code, signal });
    control.onExit = exited;
    let isTrusted = true;

    const look = async (): Promise<void> => {
      if (control.client === undefined || !control.isWarm) return;
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), HEALTH_WITHIN_MS);
      try {
        await control.client.health(limit.signal);
        if (!isTrusted && !left.signal.aborted) report({ type: 'runtime.trusted' });
        isTrusted = true;
      } catch {
        if (left.signal.aborted) return;
        if (isTrusted)
          logger.warn({ event: 'runtime.doubted' }, 'the Runtime does not answer its health check');
        isTrusted = false;
        report({ type: 'runtime.doubted', reason: 'health check failed' });
      } finally {
        clearTimeout(timer);
      }
    };
    const timer = setInterval(() => void look(), healthEveryMs);
    return () => {
      left.abort();
      clearInterval(timer);
      if (control.onExit === exited) control.onExit = undefined;
    };
  });

export const stopRuntime = ({ control, logger }: RunRuntimeParts) =>
  fromPromise<void, undefined>(async () => {
    const { client } = control;
    control.client = undefined;
    control.isWarm = false;
    control.version = undefined;
    control.startedMs = undefined;
    await control.driver.stop(STOP_GRACE_MS);
    await client?.close();
    logger.info({ event: 'runtime.stopped' }, 'Runtime stopped');
  });
