// Why a Runtime is replaced, or not started again: told apart, because each asks for something else from its owner.
import type { RuntimeExit } from '../adapters/runtime/runtime-driver.js';
import { NodeError } from '../errors.js';

/** What is known of an engine's last words. */
export interface Explanation {
  readonly retryable: boolean;
  readonly advice: string;
}

/** @returns what the words mean, where they are known; only words about the engine itself, not about a request */
export type Explain = (words: string) => Explanation | undefined;

/** It ended without having been stopped, whatever its exit code. `details.exitCode`, `details.signal`. */
export class RuntimeExitedError extends NodeError {
  readonly code = 'RUNTIME_EXITED';

  /** Not where its last words say that the same start can never succeed. */
  get retryable(): boolean {
    return this.details.final !== true;
  }
}

/** The kernel ended it, or a part of it, for memory. */
export class RuntimeOutOfMemoryError extends NodeError {
  readonly code = 'RUNTIME_OOM';
  readonly retryable = true;
}

/** Its server still talks, and says that the engine behind it has ended. `details.status`. */
export class RuntimeDeadError extends NodeError {
  readonly code = 'RUNTIME_DEAD';
  readonly retryable = true;
}

/** It does not get ready, and does not write to its log either. `details.silentMs`, `details.lastLine`. */
export class StartStalledError extends NodeError {
  readonly code = 'RUNTIME_START_STALLED';
  readonly retryable = true;
}

/** It holds requests and produces nothing, neither for them nor for a test. */
export class RuntimeHungError extends NodeError {
  readonly code = 'RUNTIME_HUNG';
  readonly retryable = true;
}

/** It answers the smallest test request with nothing, or with what is no answer. */
export class WrongOutputError extends NodeError {
  readonly code = 'RUNTIME_WRONG_OUTPUT';
  readonly retryable = true;
}

/** It refuses the smallest test request. `details.status`. */
export class TestRefusedError extends NodeError {
  readonly code = 'RUNTIME_TEST_REFUSED';
  readonly retryable = false;
}

/** It is no longer what was started: somebody changed it. `details.fields`. */
export class RuntimeAlteredError extends NodeError {
  readonly code = 'RUNTIME_ALTERED';
  readonly retryable = true;
}

/** The wanted spec failed too often, or for good, a short while ago. */
export class SpecQuarantinedError extends NodeError {
  readonly code = 'SPEC_QUARANTINED';
  readonly retryable = false;
}

const MORE_MEMORY = 'Give the Runtime more memory, or let it serve fewer jobs at once or a smaller model.';
const READ_LOG = 'Read the last lines the engine wrote in the log; the node starts it again by itself.';

/**
 * @param phase only of a start do its last words decide whether another one is of use; later they may quote anything
 * @param sawKill a process inside was killed for memory before
 */
export const exitError = (
  { code, signal, tail, outOfMemory }: RuntimeExit,
  phase: 'starting' | 'serving',
  sawKill: boolean,
  explain: Explain,
): NodeError => {
  const details = { exitCode: code, signal };
  const how = signal ?? `exit code ${code}`;
  if (outOfMemory || sawKill) {
    return new RuntimeOutOfMemoryError(`the Runtime ran out of memory and ended (${how})`, {
      advice: MORE_MEMORY,
      details,
    });
  }
  const known = explain(tail);
  const final = phase === 'starting' && known?.retryable === false;
  return new RuntimeExitedError(`the Runtime ended by itself (${how})`, {
    advice: known?.advice ?? READ_LOG,
    details: { ...details, final },
  });
};

/** A start that failed with last words that are known says what they mean; any other is returned as it is. */
export const explainedStart = (caught: unknown, explain: Explain): unknown => {
  if (!(caught instanceof NodeError)) return caught;
  const { tail } = caught.details;
  const known = typeof tail === 'string' ? explain(tail) : undefined;
  if (known === undefined) return caught;
  return new RuntimeExitedError(caught.message, {
    cause: caught,
    advice: known.advice,
    details: { ...caught.details, final: !known.retryable },
  });
};
