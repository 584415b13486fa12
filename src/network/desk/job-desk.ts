// Where the Cloud API hands in a client's request and gets back what became of it. Behind it stand ledger, scheduler,
// nodes and verification; in front of it nobody sees a node.
import type { OutcomeCode } from '../../protocol/codes.js';
import type { JobMode } from '../../protocol/job-mode.js';
import type { JobRequest } from '../../protocol/openai/request.js';

export interface JobOrder {
  /** Who pays. */
  readonly namespace: string;
  readonly request: JobRequest;
  readonly mode: JobMode;
  /** Whole life of the job in ms, queue included. */
  readonly ttlMs: number;
  /** 0 (last) to 9 (first). */
  readonly priority: number;
  /** Within 24 h the same key of the same namespace gives the same job. */
  readonly idempotencyKey?: string;
}

export interface JobUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export interface JobRefusal {
  /** `no_capacity`, `deadline_exceeded`, `node_failed`, `context_length_exceeded`, `invalid_request`, `cancelled`, … */
  readonly code: string;
  readonly outcome: OutcomeCode | null;
  readonly param: string | null;
}

export type JobStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** Terminal: exactly one per job, last. */
export type JobEnd =
  | {
      readonly type: 'completed';
      readonly output: string | null;
      readonly usage: JobUsage;
      readonly receiptDigest: string;
    }
  | { readonly type: 'failed'; readonly refusal: JobRefusal };

export type JobEvent =
  | { readonly type: 'started' }
  | { readonly type: 'chunk'; readonly data: string }
  | JobEnd;

export interface JobHandle {
  readonly job: string;
  /** Ends after the terminal event. A consumer that stops early does not cancel the job: call {@link cancel}. */
  readonly events: AsyncIterable<JobEvent>;
  cancel(reason: 'client_gone' | 'client_cancelled' | 'deadline'): void;
}

export interface JobView {
  readonly job: string;
  readonly status: JobStatus;
  readonly created_ms: number;
  readonly finished_ms: number | null;
  readonly endpoint: JobRequest['endpoint'];
  readonly model: string;
  readonly attempts: number;
  /** Only once terminal. */
  readonly end: JobEnd | null;
}

export interface ServedModel {
  readonly id: string;
  readonly created_ms: number;
  readonly tasks: readonly string[];
  readonly context_tokens: number;
  /** Nodes that would take a job for it now. */
  readonly nodes: number;
}

export interface JobDesk {
  /**
   * Admits a job: reserves credits, stores it, queues it.
   * @throws InsufficientCreditsError, UnknownModelError (not in the configuration, or not for this task), TooManyTokensError
   */
  submit(order: JobOrder): Promise<JobHandle>;
  /** A job of this namespace; its events cannot be read again, its end can. */
  find(job: string, namespace: string): JobView | undefined;
  /** @returns false when the job is unknown or over */
  cancel(job: string, namespace: string): boolean;
  models(): readonly ServedModel[];
}
