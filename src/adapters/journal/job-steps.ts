// The steps of a job's record, as pure functions: accepted → finished → receipted → acknowledged, never back.
import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../protocol/receipt.js';
import type { AttemptKey, ExecutionRecord, JobRecord } from './job-journal.js';
import { AttemptOrderError } from './journal-errors.js';

/** The next record, or undefined where the step has been taken already with the same content. */
type Step = JobRecord | undefined;

const outOfOrder = (record: JobRecord, step: string, why: string): AttemptOrderError => {
  const { job, attempt } = record.offer;
  return new AttemptOrderError(`attempt ${attempt} of job ${job} is ${record.state}: ${why}`, {
    details: { job, attempt, state: record.state, step },
  });
};

/** @throws AttemptOrderError finished before, with another execution */
export const finishStep = (record: JobRecord, execution: ExecutionRecord): Step => {
  if (record.execution === null) return { ...record, state: 'finished', execution };
  if (isDeepStrictEqual(record.execution, execution)) return undefined;
  throw outOfOrder(record, 'finish', 'it has finished before, with another execution');
};

/** @throws AttemptOrderError not finished yet, or the receipt is not about this attempt */
export const receiptStep = (record: JobRecord, build: () => Receipt): Step => {
  if (record.receipt !== null) return undefined;
  if (record.state !== 'finished') throw outOfOrder(record, 'receipt', 'there is nothing to receipt yet');
  const receipt = build();
  if (receipt.job !== record.offer.job || receipt.attempt !== record.offer.attempt) {
    throw outOfOrder(record, 'receipt', 'the receipt is about another attempt');
  }
  return { ...record, state: 'receipted', receipt };
};

/**
 * The first verdict stands: a result sent twice is answered twice, the second time with `duplicate`.
 * @throws AttemptOrderError not receipted yet
 */
export const acknowledgeStep = (
  record: JobRecord,
  verdict: NonNullable<JobRecord['verdict']>,
  nowMs: number,
): Step => {
  if (record.state === 'acknowledged') return undefined;
  if (record.state !== 'receipted') throw outOfOrder(record, 'acknowledge', 'no result of it has been sent');
  return {
    ...record,
    offer: { ...record.offer, request: {} },
    state: 'acknowledged',
    verdict,
    concluded_ms: nowMs,
  };
};

/** Whether a record read from disk is about this attempt and holds what its state says. */
export const isCoherent = (record: JobRecord, key: AttemptKey): boolean => {
  const reached = ['accepted', 'finished', 'receipted', 'acknowledged'].indexOf(record.state);
  return (
    record.offer.job === key.job &&
    record.offer.attempt === key.attempt &&
    (record.execution !== null) === reached >= 1 &&
    (record.receipt !== null) === reached >= 2 &&
    (record.verdict !== null) === reached >= 3 &&
    (record.concluded_ms !== null) === reached >= 3
  );
};
