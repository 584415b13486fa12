// Time as the Cloud API uses it: injected, so that a test decides when ten seconds are over.
export interface Timers {
  /** Runs `work` once after `ms` milliseconds unless the returned function was called before. */
  set(ms: number, work: () => void): () => void;
}
