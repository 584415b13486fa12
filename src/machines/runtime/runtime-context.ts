// What the Runtime's chart begins with, and what its guards read out of what it keeps in mind.
import { LONGEST_PAUSE_MS } from './back-off.js';
import type { Judgement, RuntimeContext, SpecRef } from './runtime-events.js';

export const NO_NEXT: RuntimeContext['next'] = { isPrepared: false, failures: 0, failure: null };

export const initialContext: RuntimeContext = {
  wanted: null,
  spec: null,
  proven: null,
  rejected: null,
  next: NO_NEXT,
  failures: 0,
  waitMs: 0,
  retryAtMs: null,
  stopFailures: 0,
  starts: 0,
  fault: null,
  failure: null,
  doubt: null,
  isControlled: true,
};

/** Nobody knows how often it failed: the longest pause does no harm. */
export const UNJUDGED: Judgement = {
  failures: 0,
  isQuarantined: false,
  waitMs: LONGEST_PAUSE_MS,
  retryAtMs: null,
  failure: null,
};

export const isSame = (one: SpecRef | null, other: SpecRef | null): boolean =>
  one?.specHash === other?.specHash;

/** There is a proven spec to go back to from the one that does not do. */
export const canRollBack = ({ spec, wanted, proven }: RuntimeContext): boolean =>
  proven !== null && !isSame(proven, spec) && isSame(spec, wanted);
