// What can go wrong between the Agent and an engine.
import { NodeError } from '../../errors.js';

/** No answer: not started, gone, or 5xx. */
export class RuntimeUnreachableError extends NodeError {
  readonly code = 'RUNTIME_UNREACHABLE';
  readonly retryable = true;
}

/** The engine answered 4xx: the request's fault. `details.status`, `details.engineCode`, `details.param`. */
export class RuntimeRejectedError extends NodeError {
  readonly code = 'RUNTIME_REJECTED';
  readonly retryable = false;
}

/** The connection broke, or the engine reported a failure, after the request had begun. */
export class RuntimeCrashedError extends NodeError {
  readonly code = 'RUNTIME_CRASHED';
  readonly retryable = true;
}

/** The engine's answer does not have the promised shape, or is larger than allowed. */
export class OutputMalformedError extends NodeError {
  readonly code = 'OUTPUT_MALFORMED';
  readonly retryable = true;
}
