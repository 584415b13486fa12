// The steps around the record of failures, as the Runtime's chart takes them.
import { fromPromise } from 'xstate';
import type { Failure } from '../errors.js';
import type { Judgement } from '../machines/runtime/runtime-events.js';
import type { FailureJudge } from './judge-failures.js';
import type { SpecInput } from './run-runtime.js';

interface KeepFailuresParts {
  readonly judge: FailureJudge;
}

export const recallFailures = ({ judge }: KeepFailuresParts) =>
  fromPromise<Judgement, SpecInput>(async ({ input }) => judge.recall(input.specHash));

export const recordFailure = ({ judge }: KeepFailuresParts) =>
  fromPromise<Judgement, SpecInput & { failure: Failure | null }>(async ({ input: { specHash, failure } }) =>
    failure === null ? judge.recall(specHash) : judge.record(specHash, failure),
  );

export const forgetFailures = ({ judge }: KeepFailuresParts) =>
  fromPromise<void, undefined>(async () => judge.forget());
