// Keeps the failures of Runtimes on record and judges them: how long until the next start, and when there is no use in
// another one.
import type { Logger } from 'pino';
import type { Clock } from '../adapters/host/clock.js';
import type { DocumentStore } from '../adapters/state/document-store.js';
import {
  type FailureRecord,
  MAX_FAILURES_KEPT,
  type RuntimeHistory,
} from '../adapters/state/runtime-history.js';
import type { Failure } from '../errors.js';
import { backoffMs, LONGEST_PAUSE_MS } from '../machines/runtime/back-off.js';
import { isFinal } from '../machines/runtime/final-failure.js';
import type { Judgement } from '../machines/runtime/runtime-events.js';

export interface FailureJudge {
  /** What is known of this spec, before it is started. */
  recall(specHash: string): Judgement;
  /** Resolves once the failure is on disk, or it is told that it could not be written. */
  record(specHash: string, failure: Failure): Promise<Judgement>;
  /** @param specHash of one spec only; left out: of all */
  forget(specHash?: string): Promise<void>;
}

/** Failures within {@link QUARANTINE_WITHIN_MS} after which it is not started again by itself. */
export const QUARANTINE_AFTER = 5;
export const QUARANTINE_WITHIN_MS = 30 * 60_000;
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;
const JITTER = 0.2;

/** What a Runtime needs and cannot help: waited for as long as it takes, and never held against it. */
const OUTAGES = new Set(['CONTAINER_ENGINE_UNAVAILABLE', 'IMAGE_UNAVAILABLE']);

const isOutage = ({ code, retryable }: Pick<Failure, 'code' | 'retryable'>): boolean =>
  retryable && OUTAGES.has(code);

/** A fifth more or less, so that nodes that failed together do not start together. */
export const withJitter = (ms: number, random: () => number): number =>
  Math.round(ms * (1 - JITTER + 2 * JITTER * random()));

const failureOf = ({ code, message, retryable, advice }: FailureRecord): Failure => ({
  code,
  message,
  retryable,
  ...(advice !== undefined && { advice }),
});

export interface FailureJudgeParts {
  readonly history: DocumentStore<RuntimeHistory>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

export const createFailureJudge = ({ history, clock, random, logger }: FailureJudgeParts): FailureJudge => {
  // What could not be written counts all the same.
  let records: readonly FailureRecord[] = history.data.failures;

  const save = async (): Promise<void> => {
    try {
      await history.update(() => ({ failures: [...records] }));
    } catch (err) {
      logger.error(
        { event: 'runtime.history_unwritten', err },
        'the record of the Runtime’s failures could not be written: a restart of the Agent will not know of them',
      );
    }
  };

  const rowOf = (specHash: string): FailureRecord[] =>
    records.filter(({ spec_hash }) => spec_hash === specHash);

  const recall = (specHash: string): Judgement => {
    const nowMs = clock.nowMs();
    const row = rowOf(specHash);
    const last = row.at(-1);
    if (last === undefined) return CLEAN;
    const counted = row.filter((record) => !isOutage(record));
    // The host's clock may have been set: what lies far ahead is as old as what lies far behind.
    const recent = counted.filter(({ at_ms }) => Math.abs(nowMs - at_ms) <= QUARANTINE_WITHIN_MS);
    const isQuarantined = recent.length >= QUARANTINE_AFTER || recent.some(isFinal);
    const aheadMs = Math.min(Math.max(0, last.not_before_ms - nowMs), LONGEST_PAUSE_MS * (1 + JITTER));
    const waitMs = isQuarantined ? 0 : aheadMs;
    return {
      failures: counted.length,
      isQuarantined,
      waitMs,
      retryAtMs: waitMs === 0 ? null : nowMs + waitMs,
      failure: failureOf(last),
    };
  };

  return {
    recall,
    record: async (specHash, failure) => {
      const nowMs = clock.nowMs();
      const waitMs = withJitter(backoffMs(rowOf(specHash).length + 1), random);
      const record: FailureRecord = {
        spec_hash: specHash,
        at_ms: nowMs,
        code: failure.code,
        message: failure.message.slice(0, 4096),
        retryable: failure.retryable,
        ...(failure.advice !== undefined && { advice: failure.advice.slice(0, 4096) }),
        not_before_ms: nowMs + waitMs,
      };
      records = [...records, record]
        .filter(({ at_ms }) => Math.abs(nowMs - at_ms) <= FORGOTTEN_AFTER_MS)
        .slice(-MAX_FAILURES_KEPT);
      const judgement = recall(specHash);
      tell(logger, failure, judgement);
      await save();
      return judgement;
    },
    forget: async (specHash) => {
      const kept = specHash === undefined ? [] : records.filter(({ spec_hash }) => spec_hash !== specHash);
      if (kept.length === records.length) return;
      records = kept;
      await save();
    },
  };
};

const CLEAN: Judgement = { failures: 0, isQuarantined: false, waitMs: 0, retryAtMs: null, failure: null };

const tell = (logger: Logger, failure: Failure, { failures, isQuarantined, retryAtMs }: Judgement): void => {
  const { code, advice, retryable } = failure;
  const facts = { code, advice, retryable, failures };
  if (isQuarantined) {
    logger.error(
      { event: 'runtime.quarantined', ...facts },
      `the Runtime is given up until its configuration changes or \`resultity-node retry\`: ${failure.message}`,
    );
    return;
  }
  logger.warn({ event: 'runtime.failed', ...facts, retryAtMs }, failure.message);
};

/** An engine that somebody else starts costs nothing to look for: it is never given up, and found soon after it is back. */
export const createPatientJudge = (
  pauseMs: number,
  { clock, logger }: Pick<FailureJudgeParts, 'clock' | 'logger'>,
): FailureJudge => {
  let told = '';
  return {
    recall: () => CLEAN,
    record: async (_specHash, failure) => {
      const judgement = { ...CLEAN, waitMs: pauseMs, retryAtMs: clock.nowMs() + pauseMs, failure };
      if (failure.code !== told) tell(logger, failure, judgement); // once per kind of problem, not once per look
      told = failure.code;
      return judgement;
    },
    forget: async () => {
      told = '';
    },
  };
};
