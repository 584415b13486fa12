// How much of the suite runs, and from which seed: `FAULTS_SHARE=0.02` is for work on the suite itself, `FAULTS_SEED`
// repeats a run.
import { z } from 'zod';

const { FAULTS_SHARE: share, FAULTS_SEED: seed } = z
  .object({
    FAULTS_SHARE: z.coerce.number().gt(0).max(1).default(1),
    FAULTS_SEED: z.coerce.number().int().min(0).default(20_261_123),
  })
  .parse(process.env);

/** Whether all of it runs: only then are the promised counts asserted. */
export const isWhole = share === 1;

/** Evenly spread over all of them, as many as the suite's share says; the first always. */
export const shareOf = <T>(all: readonly T[]): readonly T[] =>
  all.filter((_, at) => Math.floor(at * share) !== Math.floor((at - 1) * share));

export const scaled = (count: number): number => Math.max(1, Math.ceil(count * share));

/** @returns whole numbers from 0 to below `below`; the same ones for the same name and seed (mulberry32) */
export const seededRandom = (name: string): ((below: number) => number) => {
  let state = seed;
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x9e3779b1);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
};
