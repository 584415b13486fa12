// What can go wrong with the classic protocol's own port.
import { NodeError } from '../../errors.js';

/** Its port could not be opened. */
export class ClassicPortError extends NodeError {
  readonly code = 'CONSOLE_CLASSIC_PORT';
  readonly retryable = true;
}
