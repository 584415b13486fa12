// How the states of an attempt name it to their services.
import type { Attempt, JobContext } from './job-events.js';

export const attemptOf = ({ context }: { context: JobContext }): Attempt => ({
  job: context.job,
  attempt: context.attempt,
});
