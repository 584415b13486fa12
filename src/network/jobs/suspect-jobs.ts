// Requests that may have killed the engine that ran them. After such an end a job is suspect, and so is every other job
// that ran beside it. A suspect is tried once more, and never beside another suspect: when the engine dies again, it is
// known whose doing it was, and the others are answered one after the other.
import type { OutcomeCode } from '../../protocol/codes.js';
import type { JobRecord } from './job-record.js';

const ENGINE_ENDED: ReadonlySet<string | null> = new Set<OutcomeCode>([
  'runtime_crashed',
  'runtime_oom',
  'runtime_stalled',
]);

/** Whether an attempt ended so because its engine did, or seems to have. */
export const hasEndedEngine = (outcome: string | null): boolean => ENGINE_ENDED.has(outcome);

/** Attempts of this job whose engine ended with them. */
export const crashesOf = ({ attempts }: Pick<JobRecord, 'attempts'>): number =>
  attempts.filter(({ state, code }) => state === 'failed' && hasEndedEngine(code)).length;

export const isSuspect = (job: Pick<JobRecord, 'attempts'>): boolean => crashesOf(job) > 0;
