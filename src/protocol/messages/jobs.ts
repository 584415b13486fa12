// A job's messages: offer, answer, deltas, cancel, result, acknowledgement. Delivery is at least once; (job, attempt)
// makes repetition harmless. An offer holds no price, key, client or class: blind jobs look like any other.
import { z } from 'zod';
import { declineCode, resultVerdict } from '../codes.js';
import { jobMode } from '../job-mode.js';
import { endpoint } from '../openai/endpoint.js';
import { bytes32, code, count, digest, millis, modelId, signatureHex } from '../primitives.js';
import { receipt } from '../receipt.js';
import { attemptRef } from './session.js';

export const jobOffer = attemptRef.extend({
  endpoint,
  mode: jobMode,
  model: z.object({ id: modelId, digest }),
  /** The OpenAI-style body; the node parses it again against its own allowlist. */
  request: z.record(z.string(), z.unknown()),
  max_output_tokens: count,
  /** Time left at sending for the whole job, queue included. */
  ttl_left_ms: millis,
  /** Bound for this attempt's execution. */
  exec_timeout_ms: millis,
  /** Silence allowed; renewed by deltas and by heartbeats. */
  lease_ms: millis,
  priority: z.number().int().min(0).max(9),
  /** 128 random bits or more: a short prompt cannot be guessed from a published receipt. */
  salt: bytes32,
});
export type JobOffer = z.infer<typeof jobOffer>;

/** Signed: from here the attempt counts, and the node has it on disk. `request_digest` names the offer's exact bytes. */
export const jobAccept = attemptRef.extend({ request_digest: digest, position: count });
export type JobAccept = z.infer<typeof jobAccept>;

export const jobDecline = attemptRef.extend({
  code: declineCode,
  /** Which field, where one is at fault; never its value. */
  param: z.string().max(64).optional(),
  retry_after_ms: millis.optional(),
});
export type JobDecline = z.infer<typeof jobDecline>;

/** Chunks of several streams in one frame. `i` is the index of the first chunk; a chunk is the engine's SSE `data` text. */
export const jobDelta = z.object({
  batch: z
    .array(attemptRef.extend({ i: count, chunks: z.array(z.string()).min(1).max(4096) }))
    .min(1)
    .max(2048),
});
export type JobDelta = z.infer<typeof jobDelta>;

export const jobCancel = attemptRef.extend({ reason: code });
export type JobCancel = z.infer<typeof jobCancel>;

export const result = z.object({
  receipt,
  receipt_sig: signatureHex,
  /** The response body of a plain job, byte for byte; absent where there is none. */
  output: z.string().optional(),
  /** Every chunk of a stream whose deltas may not all have arrived (link lost, restart). */
  chunks: z.array(z.string()).max(200_000).optional(),
  /** The engine's refusal, for the client: which field, which short code. Never its text. */
  refusal: z.object({ code, param: z.string().max(64).optional() }).optional(),
});
export type Result = z.infer<typeof result>;

/** Signed by an online key: the node may forget the result. */
export const resultAck = attemptRef.extend({
  receipt_digest: digest,
  verdict: resultVerdict,
  code: code.optional(),
});
