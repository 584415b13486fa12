// Gives the Runtime's machine its services, with the patience its engine's definition asks for.
import type { Logger } from 'pino';
import type { Clock } from '../adapters/host/clock.js';
import { assertProvided } from '../machines/declare.js';
import { backoffMs } from '../machines/runtime/back-off.js';
import { runtimeMachine } from '../machines/runtime-machine.js';
import { explainEnd } from '../runtimes/engines/engine-failure.js';
import { engineByKey } from '../runtimes/engines/engines.js';
import { type FailureJudge, withJitter } from '../services/judge-failures.js';
import * as failures from '../services/keep-failures.js';
import * as runtime from '../services/run-runtime.js';
import { warmRuntime } from '../services/warm-runtime.js';
import { watchRuntime } from '../services/watch-runtime.js';

const HEALTH_EVERY_MS = 2_000;
const TEST_EVERY_MS = 60_000;
/** Longer than any prefill; an engine's definition may know better. */
const SILENCE_MS = 60_000;

export interface RuntimeParts extends Pick<runtime.RunRuntimeParts, 'control' | 'canary' | 'keepProven'> {
  readonly engine: { readonly key: string };
  readonly prepareRuntime: runtime.RunRuntimeParts['prepare'];
  readonly judge: FailureJudge;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

export const provideRuntime = (parts: RuntimeParts) => {
  const { random } = parts;
  const definition = engineByKey(parts.engine.key);
  const own = {
    ...parts,
    prepare: parts.prepareRuntime,
    healthEveryMs: HEALTH_EVERY_MS,
    testEveryMs: TEST_EVERY_MS,
    silenceMs: definition.silenceMs ?? SILENCE_MS,
    isLoading: (status: number) => definition.readiness.loading.includes(status),
    explain: (words: string) => explainEnd(definition, words),
  };
  const machine = runtimeMachine.provide({
    actors: {
      recallFailures: failures.recallFailures(own),
      recordFailure: failures.recordFailure(own),
      forgetFailures: failures.forgetFailures(own),
      prepareRuntime: runtime.prepareRuntime(own),
      prepareNext: runtime.prepareNext(own),
      startRuntime: runtime.startRuntime(own),
      warmRuntime: warmRuntime(own),
      watchRuntime: watchRuntime(own),
      stopRuntime: runtime.stopRuntime(own),
      clearLeftovers: runtime.clearLeftovers(own),
    },
    delays: {
      warmLimit: definition.readiness.deadlineMs,
      nextDelay: ({ context }) => withJitter(backoffMs(context.next.failures), random),
      stopDelay: ({ context }) => withJitter(backoffMs(context.stopFailures), random),
    },
  });
  assertProvided(machine);
  return machine;
};
