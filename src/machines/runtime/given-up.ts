// What of the wanted Runtime is not to be expected until another is wanted, or the owner says so.
import type { Failure } from '../../errors.js';
import type { RuntimeContext } from './runtime-events.js';

export interface GivenUp {
  /** Digests of the wanted models that are not going to be served. */
  readonly models: readonly string[];
  /** Digests of those that are: another Runtime goes on with them. */
  readonly kept: readonly string[];
  readonly failure: Failure;
}

const UNTOLD: Failure = { code: 'RUNTIME_GIVEN_UP', message: 'the Runtime was given up', retryable: false };

/** @returns undefined while there is hope, or nothing is wanted */
export const givenUpOf = (
  { wanted, spec, rejected, failure }: RuntimeContext,
  isQuarantined: boolean,
): GivenUp | undefined => {
  if (wanted === null) return undefined;
  if (isQuarantined) return { models: wanted.models, kept: [], failure: failure ?? UNTOLD };
  if (rejected === null) return undefined;
  const kept = spec?.models ?? [];
  return {
    models: wanted.models.filter((digest) => !kept.includes(digest)),
    kept,
    failure: rejected.failure ?? UNTOLD,
  };
};
