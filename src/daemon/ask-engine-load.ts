// The engine's own numbers for whoever shows them: asked of an engine that is up, now and then and never for long.
import type { EngineLoad } from '../adapters/engine/engine-client.js';
import { limitTime } from '../services/limit-time.js';
import type { RuntimeControl } from '../services/runtime-control.js';

/** An engine under load answers late, and a scraper does not wait for it. */
const WITHIN_MS = 1_000;
/** vLLM's page of metrics is large: it is not asked for more often. */
const EVERY_MS = 5_000;

/** @returns what the engine last told; undefined while none is up or it does not answer in time */
export const askEngineLoad = (
  control: Pick<RuntimeControl, 'watched' | 'isWarm'>,
  monotonicMs: () => number,
): (() => Promise<EngineLoad | undefined>) => {
  const always = new AbortController().signal;
  let last:
    | { readonly of: unknown; readonly atMs: number; readonly load: Promise<EngineLoad | undefined> }
    | undefined;
  return () => {
    const { watched, isWarm } = control;
    if (watched === undefined || !isWarm) return Promise.resolve(undefined);
    if (last !== undefined && last.of === watched && monotonicMs() - last.atMs < EVERY_MS) return last.load;
    const load = limitTime(always, WITHIN_MS, (signal) => watched.client.load(signal)).catch(() => undefined);
    last = { of: watched, atMs: monotonicMs(), load };
    return load;
  };
};
