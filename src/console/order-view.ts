// Orders to drain, pause and resume as the owner's commands give them, and as they are shown.
import { z } from 'zod';
import { orderGiver, orderKind, orderNote, orderTime, orderVerb } from '../protocol/messages/orders.js';

/** A year: what is meant to last longer has no end. */
export const LONGEST_ORDER_MS = 366 * 24 * 3_600_000;

/** Body of `POST /order`. */
export const ownerOrder = z
  .strictObject({
    verb: orderVerb,
    note: orderNote.optional(),
    /** Ends after so many milliseconds, or at this time; without either, when it is lifted. */
    forMs: z.number().int().min(1).max(LONGEST_ORDER_MS).optional(),
    untilMs: orderTime.optional(),
  })
  .refine(({ forMs, untilMs }) => forMs === undefined || untilMs === undefined, {
    error: 'forMs and untilMs do not go together',
  });
export type OwnerOrder = z.infer<typeof ownerOrder>;

/** The order in force. */
export const orderView = z.object({
  kind: orderKind,
  by: orderGiver,
  note: z.string().nullable(),
  sinceMs: z.number(),
  /** When it ends by itself; epoch milliseconds, null: when it is lifted. */
  untilMs: z.number().nullable(),
  /** Accepted and not yet finished. */
  jobsLeft: z.number(),
  /** No engine of this node runs any more. */
  freed: z.boolean(),
});
export type OrderView = z.infer<typeof orderView>;

/** The answer to an order: what was in force, and what is. */
export const orderAnswer = z.object({
  stage: z.string(),
  before: orderView.nullable(),
  order: orderView.nullable(),
});
export type OrderAnswer = z.infer<typeof orderAnswer>;

/** Body of every answer that is a refusal. */
export const orderRefusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    advice: z.string().optional(),
  }),
});
