// Which failures of a spec leave no hope that the same start succeeds later.
import type { Failure } from '../../errors.js';

/** A fault of our own (`INTERNAL`) says nothing about the spec. */
export const isFinal = ({ code, retryable }: Pick<Failure, 'code' | 'retryable'>): boolean =>
  !retryable && code !== 'INTERNAL';
