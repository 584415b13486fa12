// The registered nodes, how each is doing, and orders to them.
import { z } from 'zod';
import { modelState } from '../../../protocol/codes.js';
import {
  orderInForce,
  orderNote,
  orderOutcome,
  orderTime,
  orderVerb,
} from '../../../protocol/messages/orders.js';
import { address, code, count, digest, millis } from '../../../protocol/primitives.js';
import { microCredits } from '../../ledger/ledger.js';
import { outOfRotation } from '../../scheduler/out-of-rotation.js';
import { next, wholeLimit } from './verb-atoms.js';

/** What a connected node said of itself. */
const session = z.object({
  connected_ms: millis,
  /** When its last heartbeat came, and all below but `config` and `slots` with it. */
  heartbeat_ms: millis.nullable(),
  /** The configuration it follows; version null: not one of this network. */
  config: z.object({ version: count.nullable(), digest }).nullable(),
  slots: z.object({ total: count, free: count }).nullable(),
  runtime: z.object({ state: z.string(), engine: z.string(), version: z.string().nullable() }).nullable(),
  models: z.array(z.object({ id: z.string(), state: modelState, reason: code.nullable() })),
  gpus: z.array(z.object({ name: z.string(), vram_total_bytes: count, vram_used_bytes: count.nullable() })),
  /** Results it keeps until they are acknowledged. */
  outbox: count,
});

const nodeRow = z.object({
  node: address,
  label: z.string().nullable(),
  /** How it is owned, never by whom. */
  owner: z.enum(['wallet', 'email']).nullable(),
  standing: z.string(),
  /** Why the standing is not active, where it is not. */
  reason: z.string().nullable(),
  /** Until when, where that is known. */
  until_ms: millis.nullable(),
  online: z.boolean(),
  /** Why it is offered no jobs now; empty: it is. */
  out_of_rotation: z.array(outOfRotation),
  /** The order to rest it follows, whoever gave it; null while it takes jobs. */
  order: orderInForce.nullable(),
  agent_version: z.string(),
  /** Active in its last heartbeat. */
  models: z.array(z.string()),
  /** Attempts in force. */
  jobs: count,
  strikes: count,
  earned: microCredits,
  registered_ms: millis,
  last_seen_ms: millis,
  session: session.nullable(),
});

export const nodeVerbs = {
  nodes: {
    input: z.strictObject({ limit: wholeLimit, after: address.optional() }),
    output: z.object({ nodes: z.array(nodeRow), next }),
  },
  /** Answered by the node itself. */
  'nodes.order': {
    input: z.strictObject({
      node: address,
      verb: orderVerb,
      note: orderNote.optional(),
      until_ms: orderTime.optional(),
    }),
    output: z.object({ node: address, outcome: orderOutcome, reason: z.string().nullable() }),
  },
} as const;
