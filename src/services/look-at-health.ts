// One look at an engine's health endpoint: well, not well, or dead behind a server that still talks.
import type { EngineClient } from '../adapters/engine/engine-client.js';
import { RuntimeUnreachableError } from '../adapters/engine/engine-errors.js';
import { RuntimeDeadError } from './runtime-failures.js';

/** Whether the engine says with this status that it is loading. */
export type IsLoading = (status: number) => boolean;

const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof RuntimeUnreachableError)) return undefined;
  const { status } = error.details;
  return typeof status === 'number' ? status : undefined;
};

/** A refused connection says nothing: an engine may refuse until it has loaded, and one that ended is heard of. */
export const isDead = (error: unknown, isLoading: IsLoading): boolean => {
  const status = statusOf(error);
  return status !== undefined && status >= 500 && !isLoading(status);
};

export const deadError = (cause: unknown): RuntimeDeadError =>
  new RuntimeDeadError(`the engine says itself that it is dead (${statusOf(cause)})`, {
    cause,
    advice: 'The node replaces it; the first traceback in the engine’s log names the cause.',
    details: { status: statusOf(cause) },
  });

export const lookAtHealth = async (
  client: EngineClient,
  isLoading: IsLoading,
  signal: AbortSignal,
): Promise<'well' | 'unwell' | RuntimeDeadError> => {
  try {
    await client.health(signal);
    return 'well';
  } catch (error) {
    return isDead(error, isLoading) ? deadError(error) : 'unwell';
  }
};
