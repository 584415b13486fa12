// The two kinds of errors a service may end with: one that may pass by itself, one that will not.
import { UnknownAttemptError } from '../../../src/adapters/journal/journal-errors.js';
import { NodeError } from '../../../src/errors.js';
import { ReportGoneError } from '../../../src/services/service-errors.js';

class PassingError extends NodeError {
  readonly code = 'PASSING';
  readonly retryable = true;
}

class LastingError extends NodeError {
  readonly code = 'LASTING';
  readonly retryable = false;
}

/** What the journal says of an attempt it does not know, or whose record it cannot read. */
export const forgotten = new UnknownAttemptError('no readable record');

/** What the log says of a segment it does not keep any more. */
export const gone = new ReportGoneError('not kept any more');

export const passing = new PassingError('not now');
export const lasting = new LastingError('never');

/** Both, as the variants of an actor's failure. */
export const eitherError = [{ error: passing }, { error: lasting }];
