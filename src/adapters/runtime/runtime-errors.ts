// What can go wrong when a Runtime is brought up.
import { NodeError } from '../../errors.js';

/**
 * The Runtime could not be started. `details.reason` is `command_not_found`, `not_executable`, `exited`, `address`,
 * `directory`, `command`, `user_namespaces`, `stopped` or `already_running`; with `exited` also `exitCode`, `signal` and `tail`.
 */
export class RuntimeStartError extends NodeError {
  readonly code = 'RUNTIME_START';

  /** What the owner has to correct fails again as it is; only an early exit may have been bad luck. */
  get retryable(): boolean {
    return this.details.reason === 'exited';
  }
}

/** A driver runs one at a time. */
export const runningAlready = (): RuntimeStartError =>
  new RuntimeStartError('a Runtime is running already', {
    advice: 'Stop it before another one is started.',
    details: { reason: 'already_running' },
  });
