// Whether the engine gets on with the Agent's own requests. An engine's gauges freeze together with its worker, and its
// health endpoint answers all the same: only the bytes of running jobs tell a hung engine from a busy one.
import type { EngineClient } from '../adapters/engine/engine-client.js';
import {
  RuntimeCrashedError,
  RuntimeStalledError,
  RuntimeUnreachableError,
} from '../adapters/engine/engine-errors.js';
import { RuntimeOutOfMemoryError } from './runtime-failures.js';

export interface EngineProgress {
  readonly inFlight: number;
  /** Milliseconds since any request in flight began or moved; 0 while there is none. */
  silentMs(): number;
  /** A token came, a request began or ended, or something else proved that the engine works. */
  note(): void;
  /** From here on a broken request is one the engine never answered, and ends as stalled. */
  condemn(): void;
  /** A process of the engine was killed for memory: what breaks in the next moments broke for that. */
  starve(): void;
  readonly isStarved: boolean;
  /** It is being stopped: nothing more will be known. */
  conclude(): void;
  /** Resolves when it is known why requests break, or after so many milliseconds. */
  verdict(withinMs: number): Promise<void>;
  /** Told of each request that broke, before whoever waits for it: what runs may have ended with it. */
  onBreak: (() => void) | undefined;
  /** @internal */
  enter(): void;
  /** @internal */
  leave(): void;
  readonly isCondemned: boolean;
}

/** An engine one of whose processes was killed ends within moments, or lives. */
const STARVED_FOR_MS = 10_000;
/** A connection breaks a little before it is told why. */
const VERDICT_WITHIN_MS = 250;

/** @param monotonicMs for durations: they never run backwards */
export const createEngineProgress = (monotonicMs: () => number): EngineProgress => {
  let inFlight = 0;
  let movedMs = 0;
  let isCondemned = false;
  let isConcluded = false;
  let starvedMs: number | undefined;
  const waiting = new Set<() => void>();
  const settle = (): void => {
    for (const heard of waiting) heard();
  };
  const isStarved = (): boolean => starvedMs !== undefined && monotonicMs() - starvedMs < STARVED_FOR_MS;
  const note = (): void => {
    movedMs = monotonicMs();
  };
  return {
    get inFlight() {
      return inFlight;
    },
    get isCondemned() {
      return isCondemned;
    },
    onBreak: undefined,
    silentMs: () => (inFlight === 0 ? 0 : monotonicMs() - movedMs),
    note,
    condemn: () => {
      isCondemned = true;
      settle();
    },
    starve: () => {
      starvedMs = monotonicMs();
      settle();
    },
    conclude: () => {
      isConcluded = true;
      settle();
    },
    get isStarved() {
      return isStarved();
    },
    verdict: async (withinMs) => {
      if (isConcluded || isCondemned || isStarved()) return;
      await new Promise<void>((resolve) => {
        const heard = (): void => {
          clearTimeout(timer);
          waiting.delete(heard);
          resolve();
        };
        const timer = setTimeout(heard, withinMs);
        waiting.add(heard);
      });
    },
    enter: () => {
      if (inFlight++ === 0) note();
    },
    leave: () => {
      inFlight--;
      note();
    },
  };
};

/** The same client, with every job's request counted and every chunk noted. */
export const followProgress = (client: EngineClient, progress: EngineProgress): EngineClient => {
  const count = async <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    progress.enter();
    try {
      return await request();
    } catch (error) {
      if (error instanceof RuntimeCrashedError || error instanceof RuntimeUnreachableError)
        progress.onBreak?.();
      if (!(error instanceof RuntimeCrashedError)) throw error;
      await progress.verdict(VERDICT_WITHIN_MS);
      if (progress.isStarved && !progress.isCondemned) {
        throw new RuntimeOutOfMemoryError('the engine ran out of memory', { cause: error });
      }
      if (!progress.isCondemned) throw error;
      const idleMs = Math.round(progress.silentMs());
      throw new RuntimeStalledError('the engine hung', { cause: error, details: { reason: 'hung', idleMs } });
    } finally {
      progress.leave();
    }
  };
  return {
    health: (signal) => client.health(signal),
    models: (signal) => client.models(signal),
    version: (signal) => client.version(signal),
    load: (signal) => client.load(signal),
    close: () => client.close(),
    complete: (endpoint, request, signal) => count(() => client.complete(endpoint, request, signal)),
    stream: (endpoint, request, onChunk, signal) =>
      count(() =>
        client.stream(
          endpoint,
          request,
          (data, chunk) => {
            progress.note();
            return onChunk(data, chunk);
          },
          signal,
        ),
      ),
  };
};
