// The load both paths carry: so many streams at once, each of so many tokens, until so many jobs are done.

export interface Load {
  readonly streams: number;
  readonly tokens: number;
  readonly jobs: number;
}

/** One stream's life, told by whoever runs it. */
export interface StreamTiming {
  readonly firstChunkMs: number;
  readonly totalMs: number;
  readonly chunks: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly chunksPerSecond: number;
  readonly jobsPerSecond: number;
  readonly timings: readonly StreamTiming[];
}

/** Runs one job and calls back for each chunk. */
export type RunStream = (index: number, tokens: number, onChunk: () => void) => Promise<void>;

export const carryLoad = async ({ streams, tokens, jobs }: Load, run: RunStream): Promise<LoadResult> => {
  const timings: StreamTiming[] = [];
  let next = 0;
  const startedMs = performance.now();
  const worker = async (): Promise<void> => {
    while (next < jobs) {
      const index = next++;
      const beganMs = performance.now();
      let firstChunkMs = 0;
      let chunks = 0;
      await run(index, tokens, () => {
        if (chunks++ === 0) firstChunkMs = performance.now() - beganMs;
      });
      timings.push({ firstChunkMs, totalMs: performance.now() - beganMs, chunks });
    }
  };
  await Promise.all(Array.from({ length: Math.min(streams, jobs) }, worker));
  const seconds = (performance.now() - startedMs) / 1_000;
  const chunks = timings.reduce((sum, one) => sum + one.chunks, 0);
  return { seconds, chunksPerSecond: chunks / seconds, jobsPerSecond: jobs / seconds, timings };
};
