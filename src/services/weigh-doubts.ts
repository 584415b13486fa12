// What speaks against a Runtime right now. It is trusted again when nothing does.
import type { Logger } from 'pino';
import { type NodeError, toFailure } from '../errors.js';
import type { RuntimeEvent } from '../machines/runtime/runtime-events.js';

export type Doubt =
  | 'its health check fails'
  | 'no progress'
  | 'paused from outside'
  | 'paused until now'
  | 'a process in it was killed for memory'
  | 'no answer to a test request'
  | 'a wrong answer to a test request';

/** Only the answer to a test request clears these. */
const CLEARED_BY_TEST: readonly Doubt[] = [
  'paused until now',
  'a process in it was killed for memory',
  'no answer to a test request',
  'a wrong answer to a test request',
];

export interface Doubts {
  doubt(reason: Doubt): void;
  trust(...reasons: readonly Doubt[]): void;
  /** A test request has been answered. */
  passTest(): void;
  readonly awaitTest: boolean;
  /** It is replaced; only the first verdict counts. */
  condemn(error: NodeError): void;
}

/** @param report not called any more once `left` is aborted */
export const weighDoubts = (
  report: (event: RuntimeEvent) => void,
  left: AbortSignal,
  logger: Logger,
): Doubts => {
  const standing = new Set<Doubt>();
  let isCondemned = false;
  const trust = (...reasons: readonly Doubt[]): void => {
    const cleared = reasons.filter((reason) => standing.delete(reason));
    if (left.aborted || cleared.length === 0 || standing.size > 0) return;
    logger.info({ event: 'runtime.trusted', reasons: cleared }, 'the Runtime is trusted again');
    report({ type: 'runtime.trusted' });
  };
  return {
    doubt: (reason) => {
      if (left.aborted || isCondemned) return;
      if (!standing.has(reason)) {
        logger.warn({ event: 'runtime.doubted', reason }, `the Runtime is suspect: ${reason}`);
      }
      standing.add(reason);
      report({ type: 'runtime.doubted', reason });
    },
    trust,
    passTest: () => trust(...CLEARED_BY_TEST),
    get awaitTest() {
      return CLEARED_BY_TEST.some((reason) => standing.has(reason));
    },
    condemn: (error) => {
      if (left.aborted || isCondemned) return;
      isCondemned = true;
      const { code, message, advice, details } = error;
      logger.error(
        { event: 'runtime.condemned', code, advice, details },
        `the Runtime is replaced: ${message}`,
      );
      report({ type: 'runtime.condemned', failure: toFailure(error) });
    },
  };
};
