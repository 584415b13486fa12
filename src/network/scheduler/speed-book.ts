// How fast each node has been lately, per model: an exponentially weighted mean of output tokens per second.

/** Weight of the newest measurement. */
const ALPHA = 0.3;

export interface SpeedBook {
  /** @param ms from the start of execution to its end */
  measured(node: string, model: string, tokens: number, ms: number): void;
  /** Tokens per second, undefined before the first measurement. */
  of(node: string, model: string): number | undefined;
}

export const createSpeedBook = (): SpeedBook => {
  const speeds = new Map<string, number>();
  const keyOf = (node: string, model: string): string => `${node} ${model}`;
  return {
    measured: (node, model, tokens, ms) => {
      if (tokens === 0) return;
      const now = tokens / (Math.max(1, ms) / 1000);
      const before = speeds.get(keyOf(node, model)) ?? now;
      speeds.set(keyOf(node, model), before + ALPHA * (now - before));
    },
    of: (node, model) => speeds.get(keyOf(node, model)),
  };
};
