// What the network keeps of a job, on disk before anything that depends on it leaves. Request and output are kept
// apart, so that a change of state does not rewrite megabytes.
import { z } from 'zod';
import { outcomeCode, resultVerdict } from '../../protocol/codes.js';
import { jobMode } from '../../protocol/job-mode.js';
import { endpoint } from '../../protocol/openai/endpoint.js';
import { address, code, count, digest, millis, modelId, ulid } from '../../protocol/primitives.js';

/** `offered` and `accepted` are in force; of a job at most the last attempt is. */
const attemptState = z.enum([
  'offered',
  'accepted',
  'declined',
  'lost',
  'failed',
  'rejected',
  'completed',
  'cancelled',
]);
export type AttemptState = z.infer<typeof attemptState>;

const attemptRecord = z.object({
  /** Rises by one with every assignment: the fence. */
  attempt: count,
  node: address,
  config_digest: digest,
  model_digest: digest,
  /** Of the offer's exact body bytes. */
  request_digest: digest,
  /** What the offer allowed for this attempt. */
  exec_timeout_ms: millis,
  offered_ms: millis,
  accepted_ms: millis.nullable(),
  state: attemptState,
  /** Why it ended, where it did not complete. */
  code: code.nullable(),
  /** The result seen for it and what was said of it; the same again gets the same answer. */
  result: z
    .object({ receipt_digest: digest, verdict: resultVerdict.exclude(['duplicate']), code: code.nullable() })
    .nullable(),
});
export type AttemptRecord = z.infer<typeof attemptRecord>;

/** `admitting`: stored, not yet paid for; after a crash such a job never was. */
const jobState = z.enum([
  'admitting',
  'queued',
  'offered',
  'running',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
export type JobState = z.infer<typeof jobState>;

const jobEndRecord = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('completed'),
    usage: z.object({ prompt_tokens: count, completion_tokens: count }),
    receipt_digest: digest,
  }),
  z.object({
    type: z.literal('failed'),
    refusal: z.object({ code, outcome: outcomeCode.nullable(), param: z.string().nullable() }),
  }),
]);
export type JobEndRecord = z.infer<typeof jobEndRecord>;

export const jobRecord = z.object({
  job: ulid,
  /** A blind job is the network's own; nothing on the wire tells it apart. */
  kind: z.enum(['paid', 'blind']),
  namespace: z.string(),
  endpoint,
  model: modelId,
  mode: jobMode,
  priority: z.number().int().min(0).max(9),
  max_output_tokens: count,
  created_ms: millis,
  expires_ms: millis,
  state: jobState,
  attempts: z.array(attemptRecord),
  finished_ms: millis.nullable(),
  end: jobEndRecord.nullable(),
});
export type JobRecord = z.infer<typeof jobRecord>;

/** The OpenAI-style body; removed when the job is over. */
export const jobRequestRecord = z.record(z.string(), z.unknown());

export const jobOutputRecord = z.object({ output: z.string() });
