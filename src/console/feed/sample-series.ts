// One sample of the node's work each second, the last minutes of them kept.
import { createRing } from '../inspection/ring.js';
import type { Sample } from './feed-messages.js';

/** Five minutes. */
const KEPT_SAMPLES = 300;
const EVERY_MS = 1_000;

export interface SampleSeries {
  /** Oldest first. */
  list(): Sample[];
  /** @returns how to stop listening */
  onSample(listener: (sample: Sample) => void): () => void;
  close(): void;
}

/** @param take one sample, of what happened since the last */
export const createSampleSeries = (take: () => Sample): SampleSeries => {
  const ring = createRing<Sample>(KEPT_SAMPLES);
  const listeners = new Set<(sample: Sample) => void>();
  const taking = setInterval(() => {
    const sample = take();
    ring.add(sample);
    for (const listener of listeners) listener(sample);
  }, EVERY_MS);
  taking.unref();
  return {
    list: ring.list,
    onSample: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => clearInterval(taking),
  };
};
