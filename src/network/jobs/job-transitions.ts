// The life of a job as pure functions from record to record: queued → offered → running → an end, with the way back
// to queued while attempts are left. What may follow what is decided here and nowhere else.
import type { AttemptRecord, AttemptState, JobEndRecord, JobRecord, JobState } from './job-record.js';

export type EndState = Extract<JobState, 'completed' | 'failed' | 'cancelled' | 'expired'>;
export type AttemptResult = NonNullable<AttemptRecord['result']>;

export const isOver = (job: JobRecord): boolean => job.end !== null;

/** The attempt that has the right to execute: the last one, offered or accepted, of a job that is not over. */
export const attemptInForce = (job: JobRecord): AttemptRecord | undefined => {
  const last = job.attempts.at(-1);
  if (isOver(job) || last === undefined) return undefined;
  return last.state === 'offered' || last.state === 'accepted' ? last : undefined;
};

export const findAttempt = (job: JobRecord, attempt: number): AttemptRecord | undefined =>
  job.attempts.find((one) => one.attempt === attempt);

export const nextAttempt = (job: JobRecord): number => (job.attempts.at(-1)?.attempt ?? 0) + 1;

export const admitJob = (job: JobRecord): JobRecord => ({ ...job, state: 'queued' });

/** @param facts of the offer about to leave; its attempt is {@link nextAttempt} */
export const offerAttempt = (
  job: JobRecord,
  facts: Omit<AttemptRecord, 'accepted_ms' | 'state' | 'code' | 'result'>,
): JobRecord => ({
  ...job,
  state: 'offered',
  attempts: [...job.attempts, { ...facts, accepted_ms: null, state: 'offered', code: null, result: null }],
});

export const acceptAttempt = (job: JobRecord, attempt: number, nowMs: number): JobRecord => ({
  ...changeAttempt(job, attempt, { state: 'accepted', accepted_ms: nowMs }),
  state: 'running',
});

/** Code of an attempt whose offer never left: when it was on disk, its node had gone. */
export const NOT_SENT = 'offline';

/** Of those a job may have. An offer that nobody was sent says nothing of the job, nor of the node. */
export const triesOf = ({ attempts }: Pick<JobRecord, 'attempts'>): number =>
  attempts.filter(({ code }) => code !== NOT_SENT).length;

/** The attempt is over and the job is not: it is queued again. */
export const returnToQueue = (
  job: JobRecord,
  attempt: number,
  state: AttemptState,
  code: string,
): JobRecord => ({ ...changeAttempt(job, attempt, { state, code }), state: 'queued' });

/** Notes a result and its verdict; does not change the state of the job. */
export const noteResult = (job: JobRecord, attempt: number, result: AttemptResult): JobRecord =>
  changeAttempt(job, attempt, { result });

/** Ends the job. An attempt still in force ends with it. A job that is over stays as it is. */
export const finishJob = (job: JobRecord, state: EndState, end: JobEndRecord, nowMs: number): JobRecord => {
  if (isOver(job)) return job;
  const running = attemptInForce(job);
  const closed =
    running === undefined
      ? job
      : changeAttempt(job, running.attempt, {
          state: state === 'completed' ? 'completed' : state === 'failed' ? 'failed' : 'cancelled',
          code: end.type === 'failed' ? end.refusal.code : null,
        });
  return { ...closed, state, end, finished_ms: nowMs };
};

const changeAttempt = (job: JobRecord, attempt: number, change: Partial<AttemptRecord>): JobRecord => ({
  ...job,
  attempts: job.attempts.map((one) => (one.attempt === attempt ? { ...one, ...change } : one)),
});
