// What the chart of one attempt is told, keeps in mind, and asks its services for. No prompt, output or token is in it.
import type { Failure } from '../../errors.js';
import type { DeclineCode, OutcomeCode, ResultVerdict } from '../../protocol/codes.js';
import type { Endpoint } from '../../protocol/openai/endpoint.js';

/** A job named together with its attempt; services find everything else by it. */
export interface Attempt {
  readonly job: string;
  readonly attempt: number;
}

/** How far an earlier process got with this attempt: the journal says it. */
export type JobResumption = 'new' | 'unfinished' | 'finished';

export interface JobInput extends Attempt {
  readonly resumption: JobResumption;
  readonly model: string;
  readonly endpoint: Endpoint;
  readonly streamed: boolean;
  /** When it was taken: the outbox sends the oldest first; milliseconds since the epoch. */
  readonly acceptedMs: number;
  /** When execution must have ended; monotonic milliseconds. */
  readonly deadlineMs: number;
  /** When an undelivered result is given up; milliseconds since the epoch. */
  readonly outboxUntilMs: number;
}

export interface JobContext extends JobInput {
  /** Its result has missed a session: it stands in line behind older ones, and lets new ones pass. */
  readonly isLate: boolean;
  readonly decline: DeclineCode | null;
  readonly param: string | null;
  readonly outcome: OutcomeCode | null;
  readonly reason: string | null;
  readonly verdict: ResultVerdict | null;
  readonly failure: Failure | null;
}

export type JobEvent =
  | { type: 'slot.granted' }
  | { type: 'deadline.passed' }
  | { type: 'job.cancelled'; reason: string }
  | { type: 'job.interrupted'; reason: string }
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'place.granted' }
  | { type: 'result.acknowledged'; verdict: ResultVerdict }
  | { type: 'outbox.expired' }
  /** The node ends; what is owed stays in the journal. */
  | { type: 'job.released' };

/** A result that asks to be sent. */
export interface Sending {
  readonly acceptedMs: number;
  readonly isLate: boolean;
}

/** What validation found: null, or why the offer is declined. */
export type Validation = { readonly code: DeclineCode; readonly param: string | null } | null;

/** How an execution ended, as the engine's service tells it. Counts and digests stay in the journal. */
export interface InferenceEnd {
  readonly outcome: OutcomeCode;
  readonly reason: string | null;
}
