// What can keep the demo from its end.
import { NodeError } from '../../errors.js';

/** Something that had to happen in the demo did not. */
export class DemoFailedError extends NodeError {
  readonly code = 'DEMO_FAILED';
  readonly retryable = false;
}
