// What the node throws: a stable code, whether the same call may succeed later, and what the owner can do.
// A machine asks `retryable` and `code`; it never needs to know which library failed.

export interface NodeErrorOptions {
  /** One sentence for the owner: the next thing to do. */
  readonly advice?: string;
  /** What was caught, kept for the log. */
  readonly cause?: unknown;
  /** Facts that explain the failure; never a key, prompt, output or passphrase. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Base of every error that crosses a room's border. `code` is stable: logs, tests and docs refer to it. */
export abstract class NodeError extends Error {
  abstract readonly code: string;
  /** The same call, unchanged, may succeed later. */
  abstract readonly retryable: boolean;
  readonly advice: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: NodeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.advice = options.advice;
    this.details = options.details ?? {};
  }
}

/** The plain form of an error that may enter a statechart's context: contexts must survive JSON. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly advice?: string;
}

/** Turns anything caught into a {@link Failure}; what is not a NodeError is `INTERNAL` and not retryable. */
export const toFailure = (caught: unknown): Failure => {
  if (caught instanceof NodeError) {
    const { code, message, retryable, advice } = caught;
    return advice === undefined ? { code, message, retryable } : { code, message, retryable, advice };
  }
  return {
    code: 'INTERNAL',
    message: caught instanceof Error ? caught.message : String(caught),
    retryable: false,
  };
};
