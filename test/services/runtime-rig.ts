// A Runtime on a driver and a client that a test plays, with a clock the test moves.
import { createActor, toPromise } from 'xstate';
import type { EngineAnswer, EngineClient } from '../../src/adapters/engine/engine-client.js';
import { RuntimeUnreachableError } from '../../src/adapters/engine/engine-errors.js';
import { MemoryDriver } from '../../src/adapters/runtime/memory-driver.js';
import type { DocumentStore } from '../../src/adapters/state/document-store.js';
import type { RuntimeHistory } from '../../src/adapters/state/runtime-history.js';
import { createFailureJudge } from '../../src/services/judge-failures.js';
import { type RunRuntimeParts, startRuntime } from '../../src/services/run-runtime.js';
import { createRuntimeControl } from '../../src/services/runtime-control.js';
import { warmRuntime } from '../../src/services/warm-runtime.js';
import { watchRuntime } from '../../src/services/watch-runtime.js';
import { modelOf, recordingLogger, spec as runtimeSpec } from '../adapters/runtime/specs.js';
import { runService } from './rig.js';

export const SPEC_HASH = 'sha256:spec';
const input = { specHash: SPEC_HASH };

/** Of the timers, not of the clock that the test moves; milliseconds. */
export const LOOK_EVERY_MS = 1_000;

export const TOKEN: EngineAnswer = {
  body: '{"choices":[{"text":"a","finish_reason":"length"}]}',
  usage: { promptTokens: 1, completionTokens: 1 },
  finishReason: 'length',
};

/** What a test decides about its engine; an engine that is not healthy answers nothing at all. */
export interface PlayedEngine {
  /** Status of its health endpoint: 200, another, or undefined where nothing listens. */
  health: number | undefined;
  models: readonly string[];
  /** Answers the test request. */
  test: (signal: AbortSignal) => Promise<EngineAnswer>;
  /** Answers a job. */
  job: (signal: AbortSignal) => Promise<void>;
  tokensOut: number | null;
  tests: number;
}

const TEST_REQUEST = { model: 'one', prompt: 'ping' };

const clientOf = (engine: PlayedEngine): EngineClient => ({
  health: async () => {
    if (engine.health === 200) return;
    const details = engine.health === undefined ? {} : { status: engine.health };
    throw new RuntimeUnreachableError('no answer on /health', { details });
  },
  models: async () => engine.models.map((id) => ({ id, maxModelLen: undefined })),
  version: async () => undefined,
  load: async () => ({ running: 0, waiting: 0, kvUse: 0, tokensOut: engine.tokensOut }),
  complete: async (_endpoint, request, signal) => {
    if (request !== TEST_REQUEST) throw new Error('not asked for');
    engine.tests += 1;
    return engine.test(signal);
  },
  stream: async (_endpoint, _request, _onChunk, signal) => {
    await engine.job(signal);
    return { usage: undefined, finishReason: 'stop' };
  },
  close: async () => undefined,
});

export const memoryHistory = (): DocumentStore<RuntimeHistory> => {
  let data: RuntimeHistory = { failures: [] };
  return {
    get data() {
      return data;
    },
    update: async (change) => {
      const draft = structuredClone(data);
      data = change(draft) ?? draft;
      return data;
    },
  };
};

/** Parts of a Runtime whose engine is well until the test says otherwise. */
export const playedRuntime = (change: Partial<RunRuntimeParts> = {}) => {
  const engine: PlayedEngine = {
    health: 200,
    models: ['one'],
    test: async () => TOKEN,
    job: async () => undefined,
    tokensOut: 0,
    tests: 0,
  };
  const driver = new MemoryDriver();
  const control = createRuntimeControl(driver, () => client);
  const client = clientOf(engine);
  control.specs.set(SPEC_HASH, runtimeSpec({ specHash: SPEC_HASH, models: [modelOf('one')] }));
  const clock = { ms: 0, nowMs: () => clock.ms, monotonicMs: () => clock.ms };
  const { logger, lines } = recordingLogger();
  const judge = createFailureJudge({ history: memoryHistory(), clock, random: () => 0.5, logger });
  /** Hashes of the specs that were kept as proven. */
  const proven: string[] = [];
  const parts: RunRuntimeParts = {
    control,
    judge,
    clock,
    logger,
    prepare: async () => undefined,
    keepProven: async (spec) => void proven.push(spec.specHash),
    healthEveryMs: LOOK_EVERY_MS,
    silenceMs: 60_000,
    testEveryMs: 60_000,
    canary: () => ({ endpoint: 'completions', request: TEST_REQUEST }),
    isLoading: () => false,
    explain: () => undefined,
    ...change,
  };
  const events = (): string[] => lines.map(({ event }) => String(event));
  const started = () => toPromise(createActor(startRuntime(parts), { input }).start());
  const warmed = () => toPromise(createActor(warmRuntime(parts), { input }).start());
  /** Starts and warms it, and watches it from then on. */
  const watched = async () => {
    const watch = runService(watchRuntime(parts), input);
    await started();
    await warmed();
    const told = (type: string) => watch.events.filter((event) => event.type === type);
    return { ...watch, told };
  };
  return { engine, driver, control, clock, parts, proven, judge, lines, events, started, warmed, watched };
};
