// What time it is by the network's word, carried on by the monotonic clock. The host's own clock may be set, frozen or
// years off at any moment: nothing that another party is owed hangs on it.
import type { Clock } from '../adapters/host/clock.js';

export interface NetworkTime {
  /** Before the network has said it: the host's clock as it was at the start of this process, carried on. */
  nowMs(): number;
  /** Resolves once the network has said it. */
  readonly known: Promise<void>;
  /** @param timeMs from a message of a proved session */
  heard(timeMs: number): void;
}

export const createNetworkTime = (clock: Clock): NetworkTime => {
  let atMs = clock.nowMs();
  let atMonotonicMs = clock.monotonicMs();
  let know = (): void => {};
  const known = new Promise<void>((resolve) => {
    know = resolve;
  });
  return {
    nowMs: () => Math.round(atMs + clock.monotonicMs() - atMonotonicMs),
    known,
    heard: (timeMs) => {
      atMs = timeMs;
      atMonotonicMs = clock.monotonicMs();
      know();
    },
  };
};
