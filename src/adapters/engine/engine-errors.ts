// What can go wrong between the Agent and an engine.
import { NodeError, type NodeErrorOptions } from '../../errors.js';

/** No answer: not started, gone, or it says 5xx before it took the request. */
export class RuntimeUnreachableError extends NodeError {
  readonly code = 'RUNTIME_UNREACHABLE';
  readonly retryable = true;
}

/**
 * The engine answered 4xx: the request's fault. `details.status`, `details.engineType`, `details.engineCode`,
 * `details.param` as far as the engine named them, `details.reason` where it is a known one.
 */
export class RuntimeRejectedError extends NodeError {
  readonly code = 'RUNTIME_REJECTED';

  /** Only "too many requests" (429) says nothing against the request itself. */
  get retryable(): boolean {
    return this.details.status === 429;
  }
}

/** The connection broke, or the engine reported a failure, after the request had begun. */
export class RuntimeCrashedError extends NodeError {
  readonly code = 'RUNTIME_CRASHED';
  readonly retryable = true;
}

/** The engine holds the connection but sends nothing. `details.idleMs`. */
export class RuntimeStalledError extends NodeError {
  readonly code = 'RUNTIME_STALLED';
  readonly retryable = true;
}

/** The engine's answer does not have the promised shape, or is larger than allowed. */
export class OutputMalformedError extends NodeError {
  readonly code = 'OUTPUT_MALFORMED';
  readonly retryable = true;

  constructor(message: string, options: NodeErrorOptions = {}) {
    const advice =
      'Check that the engine is the one the settings name, in a version that speaks its protocol.';
    super(message, { advice, ...options });
  }
}
