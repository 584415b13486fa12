// The node's durable memory of jobs: journal and outbox in one. What a record says has happened has happened; a job
// machine is entered at the right state from it. Holds requests and outputs: its files are 0600 and never logged.
import { z } from 'zod';
import type { NodeError } from '../../errors.js';
import { outcomeCode, resultVerdict } from '../../protocol/codes.js';
import { jobOffer } from '../../protocol/messages/jobs.js';
import { configRef } from '../../protocol/messages/session.js';
import { bytes32, code, count, digest, millis } from '../../protocol/primitives.js';
import { NO_DIGEST, type Receipt, receipt } from '../../protocol/receipt.js';
import type { JournalUsage } from './journal-bounds.js';

/** What is known of an execution once it ended, however it ended. */
export const executionRecord = z.object({
  outcome: outcomeCode,
  /** Finer reason for the log and the owner, e.g. the engine's code. */
  reason: code.nullable(),
  /** For the client of a refused request: field at fault. */
  param: z.string().max(64).nullable(),
  finish_reason: z.string().max(32),
  output_digest: digest,
  output_bytes: count,
  stream_head: bytes32,
  chunk_count: count,
  prompt_tokens: count,
  completion_tokens: count,
  /** The image it ran in; a record of an older node names none. */
  runtime_digest: digest.default(NO_DIGEST),
  queue_ms: millis,
  first_token_ms: millis,
  total_ms: millis,
});
export type ExecutionRecord = z.infer<typeof executionRecord>;

export const jobRecord = z.object({
  offer: jobOffer,
  /** Digest of the offer's exact body bytes: what the receipt names as the request. */
  request_digest: digest,
  session: bytes32,
  /** The configuration it was accepted under: what the receipt names, whatever is in force when it is signed. */
  config: configRef,
  accepted_ms: millis,
  /** The outbox gives the result up after this. */
  expires_ms: millis,
  state: z.enum(['accepted', 'finished', 'receipted', 'acknowledged']),
  execution: executionRecord.nullable(),
  receipt: receipt.nullable(),
  verdict: resultVerdict.nullable(),
  concluded_ms: millis.nullable(),
});
export type JobRecord = z.infer<typeof jobRecord>;

/** A finished attempt's product: a plain body, or a stream's chunks. Kept apart from the record: it may be large. */
export const jobOutput = z.object({ body: z.string().nullable(), chunks: z.array(z.string()).nullable() });
export type JobOutput = z.infer<typeof jobOutput>;

export interface AttemptKey {
  readonly job: string;
  readonly attempt: number;
}

export interface JournalCounts {
  readonly accepted: number;
  /** Finished or receipted, not acknowledged. */
  readonly outbox: number;
}

/**
 * Every promise resolves once the change is on disk. States only move forward: a step repeated with the same content
 * has no effect, one out of order is refused (AttemptOrderError), one of an unknown attempt too (UnknownAttemptError).
 * What was damaged on disk is treated as unknown, but never accepted again.
 * @throws JournalError (code JOURNAL) when a change cannot be made durable
 */
export interface JobJournal {
  /**
   * Forgets acknowledged attempts where there is no room, see `journal-bounds.ts`.
   * @throws DuplicateAttemptError when this (job, attempt) is known already
   * @throws JournalFullError when what the network is owed leaves no room; JournalDiskFullError
   */
  accept(record: JobRecord): Promise<void>;
  /** @throws OutputTooLargeError */
  finish(key: AttemptKey, execution: ExecutionRecord, output: JobOutput): Promise<void>;
  /**
   * Records the receipt body, once: `build` gets the next sequence number and the digest of the previous receipt, both
   * taken in the same transaction; the first receipt is number 1 and names NO_DIGEST. A second call returns the recorded receipt and does not call `build`.
   */
  receipt(
    key: AttemptKey,
    build: (seq: number, previous: string) => Receipt,
    digestOf: (receipt: Receipt) => string,
  ): Promise<Receipt>;
  /**
   * Ends the node's duty: output and request (`offer.request` becomes `{}`) leave the journal, the record stays to
   * answer duplicates. The first verdict stands; a later one has no effect.
   */
  acknowledge(key: AttemptKey, verdict: z.infer<typeof resultVerdict>, nowMs: number): Promise<void>;
  find(key: AttemptKey): JobRecord | undefined;
  output(key: AttemptKey): JobOutput | undefined;
  /** Not acknowledged, oldest first. */
  pending(): readonly JobRecord[];
  /** Newest first. */
  recent(limit: number): readonly JobRecord[];
  counts(): JournalCounts;
  usage(): JournalUsage;
  /** Whether an attempt would be accepted, as far as room and the disk go; cheap. */
  readonly hasRoom: boolean;
  /** What is wrong with the disk: too full, or the last write failed. Null while nothing is. */
  readonly trouble: NodeError | null;
  /** After a failed write: writes a little, to find out whether the disk works again. */
  probe(): Promise<void>;
  /** Drops acknowledged records older than 24 h and unacknowledged ones past `expires_ms`; returns the latter. */
  prune(nowMs: number): Promise<readonly JobRecord[]>;
  close(): Promise<void>;
}
