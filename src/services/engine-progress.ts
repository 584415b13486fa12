// Whether the engine gets on with the Agent's own requests. An engine's gauges freeze together with its worker, and its
// health endpoint answers all the same: only the bytes of running jobs tell a hung engine from a busy one.
import type { EngineClient } from '../adapters/engine/engine-client.js';
import { RuntimeCrashedError, RuntimeStalledError } from '../adapters/engine/engine-errors.js';

export interface EngineProgress {
  readonly inFlight: number;
  /** Milliseconds since any request in flight began or moved; 0 while there is none. */
  silentMs(): number;
  /** A token came, a request began or ended, or something else proved that the engine works. */
  note(): void;
  /** From here on a broken request is one the engine never answered, and ends as stalled. */
  condemn(): void;
  /** @internal */
  enter(): void;
  /** @internal */
  leave(): void;
  readonly isCondemned: boolean;
}

/** @param monotonicMs for durations: they never run backwards */
export const createEngineProgress = (monotonicMs: () => number): EngineProgress => {
  let inFlight = 0;
  let movedMs = 0;
  let isCondemned = false;
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
    silentMs: () => (inFlight === 0 ? 0 : monotonicMs() - movedMs),
    note,
    condemn: () => {
      isCondemned = true;
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
      if (!progress.isCondemned || !(error instanceof RuntimeCrashedError)) throw error;
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
