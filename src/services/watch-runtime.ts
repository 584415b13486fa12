// Watches the Runtime that is up: its exits, its health endpoint, and whether it gets on with its jobs.
import { fromCallback } from 'xstate';
import type { RuntimeExit } from '../adapters/runtime/runtime-driver.js';
import type { RuntimeEvent } from '../machines/runtime-machine.js';
import type { RunRuntimeParts, SpecInput } from './run-runtime.js';
import { suspectSilence } from './suspect-silence.js';

const HEALTH_WITHIN_MS = 5_000;
/** A hung engine gets this long to answer one token before it is replaced. */
const CANARY_WITHIN_MS = 10_000;

/** Reports exits, doubts as health checks come and go, and an engine that hangs under its jobs. */
export const watchRuntime = (parts: RunRuntimeParts) =>
  fromCallback<RuntimeEvent, SpecInput>(({ sendBack, input }) => {
    const { control, healthEveryMs, silenceMs, logger } = parts;
    const report: (event: RuntimeEvent) => void = sendBack;
    const left = new AbortController();
    const exited = ({ code, signal }: RuntimeExit): void => report({ type: 'runtime.exited', code, signal });
    control.onExit = exited;
    const doubts = new Set<string>();

    const doubt = (reason: string): void => {
      if (left.signal.aborted) return;
      if (!doubts.has(reason)) logger.warn({ event: 'runtime.doubted', reason }, 'the Runtime is suspect');
      doubts.add(reason);
      report({ type: 'runtime.doubted', reason });
    };
    const trust = (reason: string): void => {
      if (left.signal.aborted || !doubts.delete(reason) || doubts.size > 0) return;
      report({ type: 'runtime.trusted' });
    };

    const checkHealth = async (): Promise<void> => {
      if (control.client === undefined || !control.isWarm) return;
      try {
        await control.client.health(AbortSignal.timeout(HEALTH_WITHIN_MS));
        trust('health check failed');
      } catch {
        doubt('health check failed');
      }
    };

    const checkProgress = silenceCheck(parts, input, left.signal, {
      doubt,
      trust,
      condemn: (reason) => report({ type: 'runtime.condemned', reason }),
    });
    const look = (): void => {
      void checkHealth();
      void checkProgress();
    };
    const timer = setInterval(look, Math.min(healthEveryMs, silenceMs));
    return () => {
      left.abort();
      clearInterval(timer);
      if (control.onExit === exited) control.onExit = undefined;
    };
  });

interface Verdicts {
  doubt(reason: string): void;
  trust(reason: string): void;
  condemn(reason: string): void;
}

/** One look at a time; the first finding of a hung engine is the last. */
const silenceCheck = (
  { control, canary, silenceMs, logger }: RunRuntimeParts,
  { specHash }: SpecInput,
  left: AbortSignal,
  verdicts: Verdicts,
): (() => Promise<void>) => {
  const reason = 'no progress';
  const spec = control.specs.get(specHash);
  let watch: { readonly of: unknown; look: ReturnType<typeof suspectSilence>['look'] } | undefined;
  let isLooking = false;

  return async () => {
    const { watched } = control;
    if (isLooking || watched === undefined || !control.isWarm || watched.progress.isCondemned) return;
    if (watch?.of !== watched) {
      const request = spec === undefined ? undefined : canary(spec);
      const { look } = suspectSilence({ ...watched, canary: request, silenceMs, answerMs: CANARY_WITHIN_MS });
      watch = { of: watched, look };
    }
    isLooking = true;
    const finding = await watch
      .look(() => verdicts.doubt(reason), left)
      .finally(() => {
        isLooking = false;
      });
    if (left.aborted) return;
    if (finding !== 'hung') {
      verdicts.trust(reason);
      return;
    }
    const { inFlight } = watched.progress;
    const silentMs = Math.round(watched.progress.silentMs());
    watched.progress.condemn();
    logger.error({ event: 'runtime.hung', inFlight, silentMs }, 'the Runtime hangs: it is replaced');
    verdicts.condemn(`hung: ${inFlight} request(s) and no token for ${Math.round(silentMs / 1_000)} s`);
  };
};
