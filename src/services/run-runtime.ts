// The steps of the Runtime's life that its driver takes: prepare, start, stop.
import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { RuntimeExit, RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import { toFailure } from '../errors.js';
import { createEngineProgress, followProgress } from './engine-progress.js';
import type { FailureJudge } from './judge-failures.js';
import type { IsLoading } from './look-at-health.js';
import type { RuntimeControl } from './runtime-control.js';
import { type Explain, explainedStart, SpecQuarantinedError } from './runtime-failures.js';
import type { Canary } from './suspect-silence.js';

export interface RunRuntimeParts {
  readonly control: RuntimeControl;
  readonly judge: FailureJudge;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whatever the engine needs to know before it can be started with this spec. */
  readonly prepare: (spec: RuntimeSpec) => Promise<void>;
  /** Notes what has proved itself, for an Agent that comes back; never throws. */
  readonly keepProven: (spec: RuntimeSpec) => Promise<void>;
  /** Between two health checks of a ready Runtime; milliseconds. */
  readonly healthEveryMs: number;
  /** Jobs in hand and no token from any of them for so long make the engine suspect of hanging; milliseconds. */
  readonly silenceMs: number;
  /** Between two test requests to an idle engine; milliseconds. */
  readonly testEveryMs: number;
  /** The smallest request for a spec; undefined where the engine knows none. */
  readonly canary: (spec: RuntimeSpec) => Canary | undefined;
  readonly isLoading: IsLoading;
  readonly explain: Explain;
}

export interface SpecInput {
  readonly specHash: string;
}

const STOP_GRACE_MS = 5_000;

export const specOf = ({ control }: RunRuntimeParts, { specHash }: SpecInput): RuntimeSpec => {
  const spec = control.specs.get(specHash);
  if (spec === undefined) throw new Error(`no Runtime spec ${specHash}`);
  return spec;
};

/** @throws RuntimeStartError, ImageError, EngineUnavailableError with advice */
export const prepareRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { driver } = parts.control;
    const spec = specOf(parts, input);
    await driver.reconcile(spec);
    await driver.prepare(spec, () => {}, signal);
    await parts.prepare(spec);
  });

/**
 * The same for the spec that is wanted next, without touching the one that serves.
 * @throws SpecQuarantinedError it failed a short while ago; and what {@link prepareRuntime} throws
 */
export const prepareNext = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { control, judge, logger } = parts;
    const spec = specOf(parts, input);
    const { isQuarantined, failure } = judge.recall(spec.specHash);
    if (isQuarantined) {
      throw new SpecQuarantinedError(`this configuration failed before: ${failure?.message}`, {
        advice: failure?.advice ?? 'Run `resultity-node retry` once it can work.',
      });
    }
    try {
      await control.driver.prepare(spec, () => {}, signal);
      await parts.prepare(spec);
    } catch (error) {
      if (!signal.aborted) {
        const { code, message, advice } = toFailure(error);
        logger.warn(
          { event: 'runtime.next_unprepared', code, advice },
          `the next Runtime cannot be prepared, the old one serves on: ${message}`,
        );
      }
      throw error;
    }
    logger.info({ event: 'runtime.next_prepared' }, 'the next Runtime is prepared; the old one is drained');
  });

/** @throws RuntimeStartError, RuntimeExitedError, ContainerStartError with advice */
export const startRuntime = (parts: RunRuntimeParts) =>
  fromPromise<void, SpecInput>(async ({ input, signal }) => {
    const { control, clock, logger } = parts;
    const spec = specOf(parts, input);
    const exited = (exit: RuntimeExit): void => {
      logger.warn(
        { event: 'runtime.exited', code: exit.code, signal: exit.signal, outOfMemory: exit.outOfMemory },
        'the Runtime ended by itself',
      );
      control.onExit?.(exit);
    };
    const noticed = (notice: Parameters<NonNullable<typeof control.onNotice>>[0]): void =>
      control.onNotice?.(notice);
    const { address, adopted } = await control.driver
      .start(spec, { exited, noticed }, signal)
      .catch((error: unknown) => {
        throw explainedStart(error, parts.explain);
      });
    const client = control.connect(address);
    const progress = createEngineProgress(clock.monotonicMs);
    control.watched = { progress, client };
    control.client = followProgress(client, progress);
    control.startedMonotonicMs = clock.monotonicMs();
    const facts = {
      driver: control.driver.kind,
      engine: spec.engine,
      models: spec.models.map(({ id }) => id),
    };
    if (adopted) logger.info({ event: 'runtime.adopted', ...facts }, 'a Runtime of an earlier Agent goes on');
    else logger.info({ event: 'runtime.started', ...facts }, 'Runtime started; loading');
  });

/** For an owner who wants the GPU, before this Agent has started an engine of its own. @throws EngineUnavailableError */
export const clearLeftovers = ({ control }: RunRuntimeParts) =>
  fromPromise<void, undefined>(() => control.driver.reconcile(undefined));

/** Requests still running fail at once: whoever waits for them hears of it before the engine is gone. */
export const stopRuntime = ({ control, logger }: RunRuntimeParts) =>
  fromPromise<void, undefined>(async () => {
    const { client, watched } = control;
    watched?.progress.conclude();
    control.client = undefined;
    control.watched = undefined;
    control.isWarm = false;
    control.version = undefined;
    control.startedMonotonicMs = undefined;
    await client?.close();
    await control.driver.stop(STOP_GRACE_MS);
    logger.info({ event: 'runtime.stopped' }, 'Runtime stopped');
  });
