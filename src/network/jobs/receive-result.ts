// A result arrives: judge it, put verdict, end of the job and settlement on disk in one transaction, then acknowledge.
// Every result gets an answer, however late or wrong, for only an answer lets the node forget it.
import type { Logger } from 'pino';
import type { Result } from '../../protocol/messages/jobs.js';
import type { NetworkId } from '../../protocol/network-id.js';
import { sameAddress } from '../../protocol/signature.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { NodeGateway } from '../io/node-gateway.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { SpeedBook } from '../scheduler/speed-book.js';
import type { Clock } from '../scheduler/timing.js';
import type { JobBook } from './job-book.js';
import type { JobCourse } from './job-course.js';
import type { JobRecord } from './job-record.js';
import type { JobStore } from './job-store.js';
import { type AttemptResult, attemptInForce, findAttempt, noteResult } from './job-transitions.js';
import type { LiveJob } from './live-job.js';
import type { ReceiptArchive } from './receipt-archive.js';
import type { ReceiptChain } from './receipt-chain.js';
import { isBlamed, type Strikes } from './strikes.js';
import { type Judgement, judgeResult } from './verify-result.js';

export interface ResultDeps {
  readonly network: NetworkId;
  readonly book: JobBook;
  readonly jobs: JobStore;
  readonly course: JobCourse;
  readonly receipts: ReceiptChain;
  readonly archive: ReceiptArchive;
  readonly strikes: Strikes;
  readonly speeds: SpeedBook;
  readonly gateway: NodeGateway;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: Pick<CoreOptions, 'failureAvoidMs'>;
}

/** Verdicts that say nothing of the attempt they name: it is not this receipt's. */
const NOT_OF_THE_ATTEMPT: ReadonlySet<string | undefined> = new Set([
  'signature_invalid',
  'unknown_job',
  'receipt_forked',
]);

export const createResultReceiver = (deps: ResultDeps): ((node: string, result: Result) => void) => {
  const {
    network,
    book,
    jobs,
    course,
    receipts,
    archive,
    strikes,
    speeds,
    gateway,
    publisher,
    clock,
    logger,
    options,
  } = deps;

  const acknowledge = (node: string, result: Result, { receiptDigest, verdict, code }: Judgement): void => {
    const { job, attempt } = result.receipt;
    logger.info({
      event: 'result.judged',
      node,
      job,
      attempt,
      verdict,
      code,
      outcome: result.receipt.outcome,
    });
    gateway.send(node, 'result.ack', {
      job,
      attempt,
      receipt_digest: receiptDigest,
      verdict,
      ...(code === undefined ? {} : { code }),
    });
  };

  /** Writes verdict and receipt where the job itself does not change. */
  const noteOnly = (
    live: LiveJob | undefined,
    record: JobRecord | undefined,
    result: Result,
    noted: AttemptResult | undefined,
    writeLink: () => void,
  ): Promise<void> => {
    const { job, attempt } = result.receipt;
    if (noted === undefined || record === undefined) return book.write(writeLink);
    if (live !== undefined) {
      book.change(live, noteResult(live.record, attempt, noted), undefined, writeLink);
      return live.durable;
    }
    return book.write(() => {
      const stored = jobs.find(job);
      if (stored !== undefined) jobs.save(noteResult(stored, attempt, noted));
      writeLink();
    });
  };

  /** The attempt in force ended with an accepted receipt. */
  const conclude = (
    node: string,
    live: LiveJob,
    result: Result,
    judged: Judgement,
    write: () => void,
  ): void => {
    const { receipt, output, refusal } = result;
    const { outcome } = receipt;
    if (outcome === 'completed') {
      const usage = {
        prompt_tokens: receipt.prompt_tokens,
        completion_tokens: receipt.completion_tokens,
      };
      const settlement = { job: receipt.job, node, receiptDigest: judged.receiptDigest, usage };
      const plain = live.record.mode === 'stream' ? undefined : output;
      course.complete(live, { output: plain, tail: judged.tail, settlement }, write);
      speeds.measured(node, receipt.model, receipt.completion_tokens, receipt.total_ms - receipt.queue_ms);
      strikes.success(node, { seq: receipt.seq, digest: judged.receiptDigest });
      return;
    }
    // One job counts once against a node, however often it was tried there: a request that breaks engines must not be
    // able to shut honest nodes out.
    if (isBlamed(outcome) && !hasFailedBefore(live.record, node, receipt.attempt))
      strikes.strike(node, outcome);
    if (outcome === 'runtime_rejected') {
      const code = refusal?.code === 'context_length_exceeded' ? refusal.code : 'invalid_request';
      course.fail(live, { code, outcome, param: refusal?.param }, write);
    } else if (outcome === 'expired') {
      course.fail(live, { code: 'deadline_exceeded', state: 'expired', outcome }, write);
    } else {
      const ended = { state: 'failed', code: outcome, avoidMs: options.failureAvoidMs, outcome } as const;
      course.retry(live, ended, write);
    }
  };

  return (node, result) => {
    const { receipt } = result;
    const live = book.find(receipt.job);
    const record = live?.record ?? jobs.find(receipt.job);
    const judged = judgeResult({
      network,
      node,
      result,
      job: record,
      held: live?.held,
      configVersion: (digest) => publisher.byDigest(digest)?.version,
      link: (seq) => receipts.link(node, seq),
    });
    const { verdict, code, receiptDigest } = judged;
    const before = record === undefined ? undefined : findAttempt(record, receipt.attempt);
    const isRepeated = before?.result?.receipt_digest === receiptDigest && judged.authentic;
    if (isRepeated || verdict === 'duplicate') {
      void (live?.durable ?? Promise.resolve()).then(() => acknowledge(node, result, judged));
      return;
    }
    const noteLink = judged.authentic ? receipts.note(receipt, receiptDigest, clock.nowMs()) : () => {};
    const writeLink = (): void => {
      noteLink();
      if (judged.authentic && verdict === 'accepted') archive.keep(receipt, result.receipt_sig);
    };
    const noted = NOT_OF_THE_ATTEMPT.has(code)
      ? undefined
      : { receipt_digest: receiptDigest, verdict, code: code ?? null };
    const current = live === undefined ? undefined : attemptInForce(live.record);
    const isCurrent =
      current !== undefined && current.attempt === receipt.attempt && sameAddress(current.node, node);

    if (verdict === 'rejected') strikes.strike(node, code ?? 'rejected');
    let written: Promise<void>;
    if (live === undefined || !isCurrent || verdict === 'superseded') {
      written = noteOnly(live, record, result, noted, writeLink);
    } else {
      // In memory at once; the write below carries it.
      if (noted !== undefined) live.record = noteResult(live.record, receipt.attempt, noted);
      if (verdict === 'accepted') conclude(node, live, result, judged, writeLink);
      else {
        const ended = {
          state: 'rejected',
          code: code ?? 'rejected',
          avoidMs: options.failureAvoidMs,
        } as const;
        course.retry(live, ended, writeLink);
      }
      written = live.durable;
    }
    void written.then(() => {
      if (judged.authentic) receipts.settled(receipt);
      acknowledge(node, result, judged);
    });
  };
};

const hasFailedBefore = ({ attempts }: JobRecord, node: string, attempt: number): boolean =>
  attempts.some((one) => one.attempt < attempt && one.state === 'failed' && sameAddress(one.node, node));
