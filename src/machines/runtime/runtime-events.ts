// What the Runtime's chart keeps in mind, what it hears and what it orders: the types its services share with it.
import type { Failure } from '../../errors.js';

/** A Runtime by name; the full spec is looked up by its hash. */
export interface SpecRef {
  readonly specHash: string;
  /** Digests: the same name may stand for other content in the next spec. */
  readonly models: readonly string[];
}

/** What the recorded failures of a spec mean. */
export interface Judgement {
  /** In a row; outages of what it needs are not counted. */
  readonly failures: number;
  /** No further start by itself. */
  readonly isQuarantined: boolean;
  /** Until the next start; milliseconds. */
  readonly waitMs: number;
  /** The same as a time of day, in epoch milliseconds; null: at once, or never by itself. */
  readonly retryAtMs: number | null;
  /** The latest of them. */
  readonly failure: Failure | null;
}

export interface RuntimeInput {
  /** What had proved itself when the Agent last ran. */
  readonly proven: SpecRef | null;
}

export interface RuntimeContext {
  /** What the configuration asks for. */
  readonly wanted: SpecRef | null;
  /** What is being prepared, started or served. */
  readonly spec: SpecRef | null;
  /** The last one that answered its test inference: what to go back to. */
  readonly proven: SpecRef | null;
  /** Wanted, and given up in favour of the proven one until another is wanted or the owner says so. */
  readonly rejected: { readonly specHash: string; readonly failure: Failure | null } | null;
  /** The wanted one, while another still serves. */
  readonly next: {
    readonly isPrepared: boolean;
    readonly failures: number;
    readonly failure: Failure | null;
  };
  /** Failures in a row of {@link spec}, as last judged. */
  readonly failures: number;
  readonly waitMs: number;
  /** Epoch milliseconds; null while no start is waited for. */
  readonly retryAtMs: number | null;
  /** Vain attempts to stop it, in a row. */
  readonly stopFailures: number;
  /** Starts so far; all but the first are restarts. */
  readonly starts: number;
  /** What ended the current start, not yet recorded. */
  readonly fault: Failure | null;
  /** The latest failure, for the owner; forgotten once it has served for a while. */
  readonly failure: Failure | null;
  /** Why it is suspect. */
  readonly doubt: string | null;
  /** Whether the container engine answers; one that does not says nothing about the Runtime in it. */
  readonly isControlled: boolean;
}

export type RuntimeEvent =
  | { type: 'runtime.specified'; spec: SpecRef }
  | { type: 'runtime.released' }
  /** Nothing is to run, whoever started it. */
  | { type: 'runtime.cleared' }
  | { type: 'runtime.exited'; failure: Failure }
  | { type: 'runtime.doubted'; reason: string }
  | { type: 'runtime.trusted' }
  | { type: 'runtime.condemned'; failure: Failure }
  | { type: 'control.lost' }
  | { type: 'control.regained' }
  | { type: 'jobs.drained' }
  | { type: 'runtime.retried' }
  | { type: 'runtime.shutDown' };

/** Orders to the service that watches the Runtime. */
export type WatchOrder = { type: 'failures.forget' };

/** Told to whoever listens to the actor. */
export type RuntimeNews = {
  type: 'runtime.rolledBack';
  /** Spec hashes: given up, and taken up again. */
  from: string;
  to: string;
  failure: Failure | null;
};
