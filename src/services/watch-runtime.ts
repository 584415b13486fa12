// Watches the Runtime that is up: its exits, what its driver notices, its health endpoint, whether it gets on with its
// jobs, and whether it answers a test request while it has none.
import { fromCallback } from 'xstate';
import type { RuntimeExit } from '../adapters/runtime/runtime-driver.js';
import { toFailure } from '../errors.js';
import type { RuntimeEvent, WatchOrder } from '../machines/runtime/runtime-events.js';
import { heedNotices } from './heed-notices.js';
import { lookAtHealth } from './look-at-health.js';
import type { RunRuntimeParts, SpecInput } from './run-runtime.js';
import { exitError, RuntimeDeadError, RuntimeHungError } from './runtime-failures.js';
import { type Canary, suspectSilence } from './suspect-silence.js';
import { testIdle } from './test-idle.js';
import { type Doubts, weighDoubts } from './weigh-doubts.js';

const HEALTH_WITHIN_MS = 5_000;
/** A silent engine gets this long to answer one token. */
const ANSWER_WITHIN_MS = 10_000;

type Look = (left: AbortSignal) => Promise<void>;

export const watchRuntime = (parts: RunRuntimeParts) =>
  fromCallback<WatchOrder, SpecInput>(({ sendBack, receive, input }) => {
    const { control, judge, healthEveryMs, silenceMs, logger } = parts;
    const report: (event: RuntimeEvent) => void = sendBack;
    const left = new AbortController();
    const doubts = weighDoubts(report, left.signal, logger);
    const spec = control.specs.get(input.specHash);
    const canary = spec === undefined ? undefined : parts.canary(spec);
    let eyes: { readonly on: unknown; readonly looks: readonly Look[] } | undefined;

    /** One look of each kind at a time; none before the engine is warm. */
    const look = (): void => {
      const { watched, isWarm } = control;
      if (watched === undefined || !isWarm) return;
      if (eyes?.on !== watched) {
        eyes = { on: watched, looks: eyesOn(parts, watched, canary, doubts) };
        // An engine that ends takes its jobs with it: no other one should be given to it meanwhile.
        watched.progress.onBreak = look;
      }
      for (const one of eyes.looks) {
        one(left.signal).catch((err: unknown) => {
          if (!left.signal.aborted) logger.error({ event: 'runtime.watch_failed', err }, 'a look went wrong');
        });
      }
    };

    const starve = (): void => control.watched?.progress.starve();
    const notices = heedNotices({ doubts, report, look, starve, logger });
    const exited = (exit: RuntimeExit): void => {
      if (exit.outOfMemory) starve();
      const phase = control.isWarm ? 'serving' : 'starting';
      const error = exitError(exit, phase, notices.sawKill, parts.explain);
      report({ type: 'runtime.exited', failure: toFailure(error) });
    };
    control.onExit = exited;
    control.onNotice = notices.heed;
    receive((order) => {
      if (order.type === 'failures.forget') void judge.forget(input.specHash);
    });
    const timer = setInterval(look, Math.min(healthEveryMs, silenceMs));
    return () => {
      left.abort();
      clearInterval(timer);
      if (control.onExit === exited) control.onExit = undefined;
      if (control.onNotice === notices.heed) control.onNotice = undefined;
    };
  });

const eyesOn = (
  parts: RunRuntimeParts,
  watched: NonNullable<RunRuntimeParts['control']['watched']>,
  canary: Canary | undefined,
  doubts: Doubts,
): readonly Look[] => {
  const { clock, testEveryMs, silenceMs } = parts;
  const { progress } = watched;
  const silence = suspectSilence({ ...watched, canary, silenceMs, answerMs: ANSWER_WITHIN_MS });

  const checkHealth: Look = async () => {
    const found = await lookAtHealth(watched.client, parts.isLoading, AbortSignal.timeout(HEALTH_WITHIN_MS));
    if (found instanceof RuntimeDeadError) doubts.condemn(found);
    else if (found === 'unwell') doubts.doubt('its health check fails');
    else doubts.trust('its health check fails');
  };

  const checkProgress: Look = async (left) => {
    if (progress.isCondemned) return;
    const finding = await silence.look(() => doubts.doubt('no progress'), left);
    if (left.aborted) return;
    if (finding !== 'hung') {
      doubts.trust('no progress');
      return;
    }
    const { inFlight } = progress;
    const silentMs = Math.round(progress.silentMs());
    progress.condemn();
    doubts.condemn(
      new RuntimeHungError(
        `hung: ${inFlight} request(s) and no token for ${Math.round(silentMs / 1_000)} s`,
        {
          advice: 'The node replaces it and hands its jobs back; nothing is to be done.',
          details: { inFlight, silentMs },
        },
      ),
    );
  };

  const test = testIdle({
    ...watched,
    canary,
    doubts,
    monotonicMs: clock.monotonicMs,
    everyMs: testEveryMs,
    answerMs: ANSWER_WITHIN_MS,
  });
  return [oneAtATime(checkHealth), oneAtATime(checkProgress), oneAtATime(test)];
};

const oneAtATime = (look: Look): Look => {
  let isLooking = false;
  return async (left) => {
    if (isLooking) return;
    isLooking = true;
    try {
      await look(left);
    } finally {
      isLooking = false;
    }
  };
};
