// The closed lists of protocol v1: why a job is declined, how an attempt ended, what the network says of a result.
import { z } from 'zod';

/** Why a node declines an offer. */
export const declineCode = z.enum([
  'busy',
  'over_credit',
  'draining',
  'paused',
  'model_not_active',
  'config_mismatch',
  'unsupported_mode',
  'unsupported_parameter',
  'malformed',
  'input_too_large',
  'context_too_long',
  'ttl_expired',
  'deadline_infeasible',
  'duplicate',
  'journal_failed',
]);
export type DeclineCode = z.infer<typeof declineCode>;

/** How an accepted attempt ended. `completed`, `cancelled` and `runtime_rejected` are not the node's fault. */
export const outcomeCode = z.enum([
  'completed',
  'cancelled',
  'expired',
  'runtime_rejected',
  'runtime_crashed',
  'runtime_oom',
  'runtime_stalled',
  'runtime_unreachable',
  'output_malformed',
  'slow_link',
  'interrupted',
  'internal',
]);
export type OutcomeCode = z.infer<typeof outcomeCode>;

/** The network's verdict on a result. Any verdict ends the node's duty to keep it. */
export const resultVerdict = z.enum(['accepted', 'duplicate', 'superseded', 'rejected']);
export type ResultVerdict = z.infer<typeof resultVerdict>;

/** What the network thinks of a node. `pending`: registered, not bound to an owner. */
export const standingState = z.enum(['pending', 'active', 'paused', 'frozen', 'cooldown']);

/** A model's life on a node. */
export const modelState = z.enum([
  'absent',
  'downloading',
  'verifying',
  'pending',
  'testing',
  'active',
  'inactive',
  'failed',
  'archived',
]);
export type ModelState = z.infer<typeof modelState>;

/** Private WebSocket close codes (RFC 6455 section 7.4.2): one code per cause, in numbers that remind of HTTP. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  restart: 1012,
  tryLater: 1013,
  suspect: 4000,
  malformed: 4400,
  unauthenticated: 4401,
  identityRefused: 4403,
  helloTooLate: 4408,
  replaced: 4409,
  tooLarge: 4413,
  sequence: 4422,
  inUse: 4423,
  agentTooOld: 4426,
  tooMany: 4429,
} as const;
