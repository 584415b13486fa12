// Whether a result is what its receipt says, and whether it still counts: pure, so that every refusal can be tested.
// Reject codes are those of protocol v1: signature_invalid, unknown_job, receipt_forked, digest_mismatch,
// chain_mismatch, usage_implausible, output_malformed.
import { z } from 'zod';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import type { ResultVerdict } from '../../protocol/codes.js';
import { digestOf } from '../../protocol/digest.js';
import { LIMITS } from '../../protocol/limits.js';
import type { Result } from '../../protocol/messages/jobs.js';
import type { NetworkId } from '../../protocol/network-id.js';
import { count, type Digest } from '../../protocol/primitives.js';
import { type Receipt, receiptHash } from '../../protocol/receipt.js';
import { recoverSigner, sameAddress } from '../../protocol/signature.js';
import { startStreamChain } from '../../protocol/stream-chain.js';
import { HeldStream } from './held-stream.js';
import type { AttemptRecord, JobRecord } from './job-record.js';
import { attemptInForce, findAttempt } from './job-transitions.js';
import type { ReceiptLink } from './receipt-chain.js';

export interface ResultCase {
  readonly network: NetworkId;
  /** Node of the session the result came on. */
  readonly node: string;
  readonly result: Result;
  readonly job: JobRecord | undefined;
  /** What arrived of the stream in force; undefined for a plain job. */
  readonly held: HeldStream | undefined;
  /** Version of a published configuration, undefined for a digest never published. */
  configVersion(digest: string): number | undefined;
  /** What is known of this node's receipt with that number. */
  link(seq: number): ReceiptLink | undefined;
}

export interface Judgement {
  readonly verdict: ResultVerdict;
  readonly code?: string;
  readonly receiptDigest: Digest;
  /** The receipt bears its node's signature: it belongs into the node's chain. */
  readonly authentic: boolean;
  /** Chunks of the stream that had not arrived before. */
  readonly tail: readonly string[];
}

export const judgeResult = (it: ResultCase): Judgement => {
  const { receipt } = it.result;
  const hash = receiptHash(it.network, receipt);
  const receiptDigest = `sha256:${hash.slice(2)}`;
  const say = (verdict: ResultVerdict, code?: string, tail: readonly string[] = []): Judgement => ({
    verdict,
    receiptDigest,
    authentic: code !== 'signature_invalid' && code !== 'receipt_forked',
    tail,
    ...(code === undefined ? {} : { code }),
  });
  if (!isSignedBy(hash, it)) return say('rejected', 'signature_invalid');

  const attempt = it.job === undefined ? undefined : findAttempt(it.job, receipt.attempt);
  if (it.job === undefined || attempt === undefined || !sameAddress(attempt.node, it.node)) {
    return say('rejected', 'unknown_job');
  }
  if (attempt.result !== null && attempt.result.receipt_digest === receiptDigest) {
    return attempt.result.verdict === 'accepted'
      ? say('duplicate')
      : say(attempt.result.verdict, attempt.result.code ?? undefined);
  }
  if (attempt.result !== null || isForked(it, receiptDigest)) return say('rejected', 'receipt_forked');
  if (attemptInForce(it.job) !== attempt) return say('superseded');

  const wrong = contradiction(it, attempt);
  if (wrong !== undefined) return say('rejected', wrong);
  if (receipt.outcome !== 'completed') return say('accepted');

  const delivered = it.job.mode === 'stream' ? checkStream(it, attempt) : checkPlain(it, attempt);
  if (typeof delivered === 'string') return say('rejected', delivered);
  const implausible = checkUsage(receipt, delivered.report, it.job.max_output_tokens);
  return implausible === undefined
    ? say('accepted', undefined, delivered.tail)
    : say('rejected', implausible);
};

const isSignedBy = (hash: string, it: ResultCase): boolean => {
  if (!sameAddress(it.result.receipt.node, it.node)) return false;
  try {
    return sameAddress(recoverSigner(hash, it.result.receipt_sig), it.node);
  } catch {
    return false; // recoverSigner throws for a signature that is no signature, which is all we ask
  }
};

/** Receipts of a node form a chain: one digest per number, each naming the one before. Gaps are no fork. */
const isForked = (it: ResultCase, receiptDigest: Digest): boolean => {
  const { seq, previous } = it.result.receipt;
  const same = it.link(seq);
  if (same !== undefined && same.digest !== receiptDigest) return true;
  const before = seq === 0 ? undefined : it.link(seq - 1);
  if (before !== undefined && before.digest !== previous) return true;
  const after = it.link(seq + 1);
  return after !== undefined && after.previous !== receiptDigest;
};

/** What the receipt says of request, model and configuration, against what was offered. */
const contradiction = (it: ResultCase, attempt: AttemptRecord): string | undefined => {
  const { receipt } = it.result;
  const agrees =
    receipt.request_digest === attempt.request_digest &&
    receipt.model === it.job?.model &&
    receipt.model_digest === attempt.model_digest &&
    receipt.config_version === it.configVersion(receipt.config_digest);
  return agrees ? undefined : 'digest_mismatch';
};

interface Delivered {
  readonly tail: readonly string[];
  /** JSON text that may report usage. */
  readonly report: string | undefined;
}

const checkPlain = (it: ResultCase, attempt: AttemptRecord): Delivered | string => {
  const { receipt, output } = it.result;
  if (output === undefined) return 'output_malformed';
  if (receipt.output_digest !== digestOf(output) || receipt.output_bytes !== Buffer.byteLength(output)) {
    return 'digest_mismatch';
  }
  const chain = startStreamChain(receipt.job, receipt.attempt, attempt.request_digest);
  chain.append(output);
  if (receipt.stream_head !== chain.head || receipt.chunk_count !== chain.length) return 'chain_mismatch';
  return { tail: [], report: output };
};

const checkStream = (it: ResultCase, attempt: AttemptRecord): Delivered | string => {
  const { receipt, chunks } = it.result;
  const held = it.held ?? new HeldStream(receipt.job, receipt.attempt, attempt.request_digest);
  let whole = held;
  if (chunks !== undefined) {
    whole = new HeldStream(receipt.job, receipt.attempt, attempt.request_digest);
    whole.take(0, chunks);
    if (!whole.extends(held)) return 'chain_mismatch';
  }
  if (receipt.stream_head !== whole.head || receipt.chunk_count !== whole.length) return 'chain_mismatch';
  if (receipt.output_digest !== whole.outputDigest || receipt.output_bytes !== whole.bytes) {
    return 'digest_mismatch';
  }
  return { tail: chunks?.slice(held.length) ?? [], report: whole.usageChunk };
};

const usageReport = z.looseObject({
  usage: z.looseObject({ prompt_tokens: count.optional(), completion_tokens: count.optional() }).nullish(),
});

/** Log probabilities of a long answer have many keys; the answer's own size is already bounded. */
const OUTPUT_BOUNDS = { maxBytes: LIMITS.resultBytes, maxKeys: 2_000_000 };

const checkUsage = (
  receipt: Receipt,
  report: string | undefined,
  maxOutputTokens: number,
): string | undefined => {
  if (receipt.prompt_tokens === 0 || receipt.completion_tokens > maxOutputTokens) return 'usage_implausible';
  if (report === undefined) return undefined;
  const parsed = parseReport(report);
  if (parsed === undefined) return 'output_malformed';
  const { prompt_tokens, completion_tokens } = parsed.usage ?? {};
  const agrees =
    (prompt_tokens === undefined || prompt_tokens === receipt.prompt_tokens) &&
    (completion_tokens === undefined || completion_tokens === receipt.completion_tokens);
  return agrees ? undefined : 'usage_implausible';
};

const parseReport = (text: string): z.infer<typeof usageReport> | undefined => {
  try {
    return usageReport.safeParse(parseBoundedJson(Buffer.from(text), OUTPUT_BOUNDS)).data;
  } catch {
    return undefined; // not JSON: the caller names it output_malformed
  }
};
