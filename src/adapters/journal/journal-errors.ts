// What can go wrong with the journal. Only JournalError is about the disk; the others are about the caller's order, or its
// own bounds.
import { NodeError } from '../../errors.js';

export const JOURNAL_ADVICE =
  'Check free space, permissions and the disk of the data directory. If the file is damaged, move it aside: results that were not acknowledged are then lost.';

/** Nothing of the call is on disk: disk full, no permission, journal closed or unreadable. */
export class JournalError extends NodeError {
  readonly code = 'JOURNAL';
  readonly retryable = true;
}

/** The disk has little left: no attempt is taken, and what is in hand is finished. `details.freeBytes`, `details.keptBytes`. */
export class JournalDiskFullError extends NodeError {
  readonly code = 'JOURNAL_DISK_FULL';
  readonly retryable = true;
}

/** A newer version of the node wrote the journal. */
export class JournalTooNewError extends NodeError {
  readonly code = 'JOURNAL_TOO_NEW';
  readonly retryable = false;
}

/** Too much waits for the network to take more work. `details.results`, `details.bytes`, and their bounds. */
export class JournalFullError extends NodeError {
  readonly code = 'JOURNAL_FULL';
  readonly retryable = true;
}

/** The attempt is known already: it must never run twice. `details.quarantined`: known, but its record was corrupt. */
export class DuplicateAttemptError extends NodeError {
  readonly code = 'JOURNAL_DUPLICATE_ATTEMPT';
  readonly retryable = false;
}

/** No record of this attempt: never accepted, or pruned. */
export class UnknownAttemptError extends NodeError {
  readonly code = 'JOURNAL_UNKNOWN_ATTEMPT';
  readonly retryable = false;
}

/** A step before its turn, or a second time with other content. `details.state`, `details.step`. */
export class AttemptOrderError extends NodeError {
  readonly code = 'JOURNAL_ORDER';
  readonly retryable = false;
}

/** More output than the journal was opened for. `details.bytes`, `details.maxBytes`. */
export class OutputTooLargeError extends NodeError {
  readonly code = 'JOURNAL_OUTPUT_TOO_LARGE';
  readonly retryable = false;
}
