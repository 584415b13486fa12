// Asks an engine for one token when nothing else speaks for it: from time to time while it is idle, and whenever a doubt
// waits for an answer.
import type { EngineClient } from '../adapters/engine/engine-client.js';
import { RuntimeRejectedError } from '../adapters/engine/engine-errors.js';
import type { NodeError } from '../errors.js';
import type { EngineProgress } from './engine-progress.js';
import { limitTime } from './limit-time.js';
import { TestRefusedError, WrongOutputError } from './runtime-failures.js';
import type { Canary } from './suspect-silence.js';
import { testAnswer } from './test-answer.js';
import type { Doubts } from './weigh-doubts.js';

export interface TestIdleParts {
  readonly progress: EngineProgress;
  /** As it is, not counted among the jobs. */
  readonly client: EngineClient;
  readonly canary: Canary | undefined;
  readonly doubts: Doubts;
  readonly monotonicMs: () => number;
  /** Between two tests of an idle engine; milliseconds. */
  readonly everyMs: number;
  /** How long an answer may take; milliseconds. */
  readonly answerMs: number;
}

const ADVICE = 'If it happens again, the model’s files or the device may be broken.';

/** @returns looks once, and tests if a test is due */
export const testIdle = (parts: TestIdleParts): ((left: AbortSignal) => Promise<void>) => {
  const { progress, client, canary, doubts, monotonicMs, everyMs, answerMs } = parts;
  let provenMs = monotonicMs();
  let wrongs = 0;

  const pass = (): void => {
    provenMs = monotonicMs();
    wrongs = 0;
    doubts.passTest();
  };

  const tokensOut = async (signal: AbortSignal): Promise<number | null | undefined> => {
    try {
      return (await client.load(signal)).tokensOut;
    } catch {
      return undefined; // it may hang here as well
    }
  };

  const wrong = (cause: NodeError): void => {
    wrongs += 1;
    if (wrongs === 1) doubts.doubt('a wrong answer to a test request');
    // It has answered before: what it refuses or gets wrong now, another start may mend.
    else doubts.condemn(new WrongOutputError(cause.message, { cause, advice: ADVICE }));
  };

  /** No answer: at work all the same, or not? undefined where that cannot be told. */
  const isAtWork = async (
    before: number | null | undefined,
    left: AbortSignal,
  ): Promise<boolean | undefined> => {
    // Jobs in hand have a watch of their own. Where nothing counts tokens, a queue of others' work looks like a hang.
    if (progress.inFlight > 0 || before === null) return undefined;
    const after = await limitTime(left, answerMs, tokensOut);
    if (progress.inFlight > 0) return undefined;
    return typeof before === 'number' && typeof after === 'number' && after > before;
  };

  const test = async (request: Canary, left: AbortSignal): Promise<void> => {
    const startedMs = monotonicMs();
    const isBusy = progress.inFlight > 0;
    const before = await limitTime(left, answerMs, tokensOut);
    try {
      await limitTime(left, answerMs, (signal) => testAnswer(client, request, signal));
      pass();
    } catch (error) {
      if (left.aborted) return;
      if (error instanceof WrongOutputError || error instanceof TestRefusedError) {
        wrong(error);
        return;
      }
      // Full, or ours had to queue behind jobs that moved: at work.
      const isFull = error instanceof RuntimeRejectedError;
      const hasMoved = isBusy && progress.silentMs() < monotonicMs() - startedMs;
      const finding = isFull || hasMoved || (await isAtWork(before, left));
      if (left.aborted) return;
      if (finding === true) pass();
      else if (finding === false) doubts.doubt('no answer to a test request');
      else provenMs = monotonicMs(); // not again before its time
    }
  };

  return async (left) => {
    if (progress.inFlight > 0) provenMs = monotonicMs();
    const isDue = doubts.awaitTest || monotonicMs() - provenMs >= everyMs;
    if (!isDue) return;
    if (canary === undefined) pass();
    else await test(canary, left);
  };
};
