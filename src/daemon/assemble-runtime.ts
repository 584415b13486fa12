// The daemon's one Runtime, put together: driver, statechart, what is known of earlier starts, and the desk at which the
// networks ask for it.
import type { Logger } from 'pino';
import { type ActorRefFrom, createActor, type InspectionEvent } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { DataPaths } from '../adapters/state/data-paths.js';
import type { Config } from '../config.js';
import { RUNTIME_ROOT_NAME } from '../console/inspection/root-names.js';
import type { RetryAnswer } from '../console/node-view.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import { createFailureJudge, createPatientJudge } from '../services/judge-failures.js';
import type { Repairs } from '../services/repairs.js';
import { createRuntimeControl, type RuntimeControl } from '../services/runtime-control.js';
import { createRuntimeDesk, type RuntimeDesk } from '../services/runtime-desk.js';
import { specRefOf } from '../services/runtime-spec.js';
import { type ChosenRuntime, chooseRuntime } from './choose-driver.js';
import { openRuntimeFailures } from './open-runtime-failures.js';
import { provideRuntime } from './provide-runtime.js';
import { recallProvenRuntime } from './recall-proven-runtime.js';
import { leafOf } from './view-network.js';

export interface OwnRuntime {
  readonly engine: ChosenRuntime;
  readonly actor: ActorRefFrom<typeof runtimeMachine>;
  readonly control: RuntimeControl;
  readonly desk: RuntimeDesk;
  /** The owner's order to try again what failed. */
  retry(): Promise<RetryAnswer>;
}

export interface OwnRuntimeParts {
  readonly config: Config;
  readonly paths: DataPaths;
  readonly nodeId: () => string;
  /** How each network is called, in the owner's order. */
  readonly names: readonly (() => string)[];
  readonly resize: (slots: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly repairs: Repairs;
  readonly inspect?: (event: InspectionEvent) => void;
}

/** Between two looks for an engine that somebody else starts. */
const PATIENCE_MS = 2_000;
/** For a preferred network to take up what it knows from disk; longer than a start waits for a network that is down. */
const PREFERENCE_WAIT_MS = 5_000;

export const assembleRuntime = async (parts: OwnRuntimeParts): Promise<OwnRuntime> => {
  const { config, paths, nodeId, names, resize, clock, logger, repairs, inspect } = parts;
  const random = Math.random;
  const engine = await chooseRuntime(config.runtime, paths, nodeId, logger.child({ component: 'runtime' }));
  const control = createRuntimeControl(engine.driver, engine.connect);
  const recalled = await recallProvenRuntime(paths.runtime, config, logger, repairs);
  if (recalled.spec !== undefined) control.specs.set(recalled.spec.specHash, recalled.spec);
  const history = await openRuntimeFailures(paths.runtime, logger, repairs);
  const judge =
    engine.driver.kind === 'external'
      ? createPatientJudge(PATIENCE_MS, { clock, logger })
      : createFailureJudge({ history, clock, random, logger });
  const machine = provideRuntime({
    control,
    engine: engine.definition,
    prepareRuntime: engine.prepare,
    canary: engine.canary,
    keepProven: recalled.keep,
    judge,
    clock,
    logger,
    random,
  });
  const actor = createActor(machine, {
    id: RUNTIME_ROOT_NAME,
    ...(inspect && { inspect }),
    input: { proven: recalled.spec === undefined ? null : specRefOf(recalled.spec) },
  });
  const desk = createRuntimeDesk({
    runtime: actor,
    control,
    names,
    resize,
    patienceMs: PREFERENCE_WAIT_MS,
  });
  return {
    engine,
    actor,
    control,
    desk,
    async retry() {
      const before = actor.getSnapshot();
      const can = before.can({ type: 'runtime.retried' });
      actor.send({ type: 'runtime.retried' });
      // Another network's Runtime may have taken the place of one that was given up: that one is pardoned here.
      const isPassedOver = desk.hasHopeless();
      if (isPassedOver) {
        await judge.forget();
        desk.forgive();
      }
      return { retried: can || isPassedOver, state: leafOf(before.value) };
    },
  };
};
