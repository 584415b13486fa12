// What a network may order of a node, and what a node says of the order it follows: to drain, to pause, to go on.
import { z } from 'zod';
import { code, millis, ulid } from '../primitives.js';

/** A point in time that every calendar knows: later ones are no dates to JavaScript. */
export const orderTime = millis.max(8_640_000_000_000_000);

/** Why, in words for a person; shown escaped. */
export const orderNote = z.string().max(200);

export const orderKind = z.enum(['drain', 'pause']);
export const orderGiver = z.enum(['owner', 'network']);

/** The order a node follows, as it tells the network; times are the network's, in whole seconds. */
export const orderInForce = z.object({
  kind: orderKind,
  by: orderGiver,
  since_ms: orderTime,
  /** It ends by itself; absent: it holds until it is lifted. */
  until_ms: orderTime.optional(),
  note: orderNote.optional(),
});
export type OrderInForce = z.infer<typeof orderInForce>;

/** What a network may order so far; another verb is answered, and nothing else happens. */
export const orderVerb = z.enum(['drain', 'pause', 'resume']);
export type OrderVerb = z.infer<typeof orderVerb>;

/** Network → node. Signed by an online key. */
export const adminCommand = z.object({
  id: ulid,
  /** See {@link orderVerb}; open, so that a newer network is answered instead of hung up on. */
  verb: code,
  note: orderNote.optional(),
  /** When the order ends by itself, in the network's time. */
  until_ms: orderTime.optional(),
});
export type AdminCommand = z.infer<typeof adminCommand>;

/** `refused`: somebody else's order stands, or it makes no sense; `failed`: it could not be carried out. */
export const orderOutcome = z.enum(['done', 'refused', 'failed', 'unsupported']);

/** Node → network, once per command. Signed by the node. */
export const adminResult = z.object({ id: ulid, outcome: orderOutcome, reason: code.optional() });
export type AdminResult = z.infer<typeof adminResult>;
