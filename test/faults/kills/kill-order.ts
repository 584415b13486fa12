// Where a node is to kill itself: told to the test's process of a node, and named in the table of steps.
import { z } from 'zod';

/** A state of one of the node's statecharts, e.g. `job` and `executing.running`. */
const stateStep = z.strictObject({
  at: z.literal('state'),
  machine: z.string(),
  state: z.string(),
});

/** A call on the data directory's files. */
const diskStep = z.strictObject({
  at: z.literal('disk'),
  call: z.enum(['open', 'write', 'sync', 'link', 'rename', 'remove']),
  /** Regular expression for the path below the data directory. */
  path: z.string(),
  when: z.enum(['before', 'after']),
});

export const killStep = z.discriminatedUnion('at', [stateStep, diskStep]);
export type KillStep = z.infer<typeof killStep>;

export const killOrder = z.strictObject({
  step: killStep,
  /** Which arrival at the step it is. */
  nth: z.int().min(1),
  /** Milliseconds after the arrival; null: before anything the state does has begun. */
  delayMs: z.number().min(0).nullable(),
  /** Arrivals count from here on. */
  from: z.enum(['start', 'ready']),
});
export type KillOrder = z.infer<typeof killOrder>;

/** What the test's process of a node is told. */
export const lifeOrder = z.strictObject({
  dataDir: z.string(),
  networkUrl: z.string(),
  engineUrl: z.string(),
  passphraseFile: z.string(),
  logFile: z.string(),
  spawnedMs: z.number(),
  kill: killOrder.nullable(),
});
export type LifeOrder = z.infer<typeof lifeOrder>;

/** What the process that only makes a key is told. */
export const keyOrder = z.strictObject({ dataDir: z.string(), kill: killOrder.nullable() });
export type KeyOrder = z.infer<typeof keyOrder>;

/** What it says on stdout, one JSON line each. */
export const lifeWord = z.discriminatedUnion('word', [
  /** It serves: milliseconds since it was spawned. */
  z.strictObject({ word: z.literal('ready'), tookMs: z.number() }),
  /** The last word before SIGKILL. */
  z.strictObject({ word: z.literal('dying') }),
  z.strictObject({ word: z.literal('ended'), code: z.string().nullable() }),
  z.strictObject({ word: z.literal('identity'), node: z.string(), created: z.boolean() }),
]);
export type LifeWord = z.infer<typeof lifeWord>;
