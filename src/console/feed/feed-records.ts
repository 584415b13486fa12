// What the inspector is told of the node's statecharts: who lives, who sent what to whom, where each one is. Types and
// names only, and of contexts what is on the list: never an event's payload, an input, an output or an error.
import { z } from 'zod';

const stamp = {
  /** Rises by one per record; a gap is what a slow viewer missed. */
  seq: z.int().min(0),
  /** Epoch milliseconds. */
  atMs: z.number(),
};

export const actorRecord = z.object({
  kind: z.literal('actor'),
  ...stamp,
  /** XState's session id: unique in the process. */
  actor: z.string(),
  parent: z.string().nullable(),
  /** e.g. `job-slot-3`, `runInference`. */
  id: z.string(),
  /** Name in the catalog of statecharts; null for promises and callbacks. */
  machine: z.string().nullable(),
  /** Which network's node it belongs to: its position in the owner's order; null for what all share. */
  network: z.int().min(0).nullable(),
});
export type ActorRecord = z.infer<typeof actorRecord>;

export const eventRecord = z.object({
  kind: z.literal('event'),
  ...stamp,
  /** Null: from outside the statecharts. */
  from: z.string().nullable(),
  to: z.string(),
  type: z.string(),
});
export type EventRecord = z.infer<typeof eventRecord>;

export const stateRecord = z.object({
  kind: z.literal('state'),
  ...stamp,
  actor: z.string(),
  status: z.enum(['active', 'done', 'error', 'stopped']),
  /** Ids of the active state nodes, as `data-id` in the drawings; empty for actors that are no machines. */
  nodes: z.array(z.string()),
  /** Transitions taken to get here, as `data-edge` in the drawings, e.g. `job|job.released|0`. */
  edges: z.array(z.string()),
  /** What the list allows of the context. */
  context: z.record(z.string(), z.unknown()),
});
export type StateRecord = z.infer<typeof stateRecord>;

export const feedRecord = z.discriminatedUnion('kind', [actorRecord, eventRecord, stateRecord]);
export type FeedRecord = z.infer<typeof feedRecord>;

/** An actor that lives, for viewers who come late. */
export const livingActor = actorRecord.extend({ state: stateRecord.nullable() });
export type LivingActor = z.infer<typeof livingActor>;
