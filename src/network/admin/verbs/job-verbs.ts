// The jobs, newest first: each attempt with its node, its times and why it ended. Never a prompt, never an answer.
import { z } from 'zod';
import { jobMode } from '../../../protocol/job-mode.js';
import { endpoint } from '../../../protocol/openai/endpoint.js';
import { address, count, digest, millis, ulid } from '../../../protocol/primitives.js';
import { limit, next } from './verb-atoms.js';

const attemptRow = z.object({
  attempt: count,
  node: address,
  state: z.string(),
  /** Why it ended, where it did not complete. */
  code: z.string().nullable(),
  offered_ms: millis,
  accepted_ms: millis.nullable(),
  /** What the network said of its result; null before one came. */
  verdict: z.string().nullable(),
  verdict_code: z.string().nullable(),
});

const jobRow = z.object({
  job: ulid,
  kind: z.enum(['paid', 'blind']),
  namespace: z.string(),
  endpoint,
  model: z.string(),
  mode: jobMode,
  state: z.string(),
  created_ms: millis,
  expires_ms: millis,
  finished_ms: millis.nullable(),
  /** Why it failed; null for one that completed or goes on. */
  code: z.string().nullable(),
  /** Of a completed job: what was accepted and billed. */
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullable(),
  receipt_digest: digest.nullable(),
  attempts: z.array(attemptRow),
});

export const jobVerbs = {
  jobs: {
    input: z.strictObject({
      limit,
      /** This one alone, if it is known. */
      job: ulid.optional(),
      /** Only older ones than this. */
      before: ulid.optional(),
      kind: z.enum(['paid', 'blind']).optional(),
      /** `open`: not over. */
      state: z.enum(['open', 'completed', 'failed', 'cancelled', 'expired']).optional(),
      /** With an attempt on this node. */
      node: address.optional(),
    }),
    /** `next` may be set with fewer rows than the limit: one answer looks through a bounded number of jobs. */
    output: z.object({ jobs: z.array(jobRow), next }),
  },
} as const;
