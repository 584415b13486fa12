// What is known of the attempts this process has accepted: clocks, counts, hash chain and output as they grow. The
// journal takes it over when the attempt ends; no statechart ever sees it.
import { createHash } from 'node:crypto';
import type { AttemptKey, ExecutionRecord, JobOutput } from '../adapters/journal/job-journal.js';
import type { OutcomeCode } from '../protocol/codes.js';
import { digestOf } from '../protocol/digest.js';
import type { Bytes32, Digest } from '../protocol/primitives.js';
import { NO_DIGEST } from '../protocol/receipt.js';
import { startStreamChain } from '../protocol/stream-chain.js';
import { attemptKey } from './job-intake.js';

export interface Execution {
  /** A chunk of the stream: hashed, counted, kept. @returns its index */
  takeChunk(chunk: string): number;
  /** The body of a plain answer. */
  takeBody(body: string): void;
  /** @param runtimeDigest the image the engine runs in; undefined where no container runs */
  noteStart(runtimeDigest: Digest | undefined): void;
  noteUsage(usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined): void;
  noteFinish(finishReason: string): void;
  noteRefusal(param: string | null): void;
  /** The session all chunks so far went out in; undefined once one was missed. */
  deliveredIn: string | undefined;
  readonly outputBytes: number;
  /** From the acceptance to the first output; 0 before. */
  readonly firstTokenMs: number;
  /** The end, in the journal's form. */
  seal(
    outcome: OutcomeCode,
    reason: string | null,
  ): { readonly record: ExecutionRecord; readonly output: JobOutput };
  /**
   * What follows after the first `i` chunks, if those have this chain's head.
   * @returns `forked` where they have another; undefined when the output is no longer here, or is no stream
   */
  chunksAfter(i: number, head: Bytes32): readonly string[] | 'forked' | undefined;
  /** Once the journal has it: an outbox may be long, and memory is not for keeping it. */
  dropOutput(): void;
}

export interface Executions {
  begin(key: AttemptKey, requestDigest: Digest, acceptedMonotonicMs: number): Execution;
  find(key: AttemptKey): Execution | undefined;
  end(key: AttemptKey): void;
}

/** What is left of an attempt whose process died before it ended. */
export const lostExecution = (
  key: AttemptKey,
  requestDigest: Digest,
  outcome: OutcomeCode,
  reason: string | null,
): ExecutionRecord => ({
  outcome,
  reason,
  param: null,
  finish_reason: '',
  output_digest: digestOf(''),
  output_bytes: 0,
  stream_head: startStreamChain(key.job, key.attempt, requestDigest).head,
  chunk_count: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  runtime_digest: NO_DIGEST,
  queue_ms: 0,
  first_token_ms: 0,
  total_ms: 0,
});

/** @param monotonicMs for durations: they never run backwards */
export const createExecutions = (monotonicMs: () => number): Executions => {
  const executions = new Map<string, Execution>();
  return {
    begin: (key, requestDigest, acceptedMonotonicMs) => {
      const execution = createExecution(key, requestDigest, () =>
        Math.round(monotonicMs() - acceptedMonotonicMs),
      );
      executions.set(attemptKey(key), execution);
      return execution;
    },
    find: (key) => executions.get(attemptKey(key)),
    end: (key) => {
      executions.delete(attemptKey(key));
    },
  };
};

const createExecution = (key: AttemptKey, requestDigest: Digest, elapsedMs: () => number): Execution => {
  const chain = startStreamChain(key.job, key.attempt, requestDigest);
  const hash = createHash('sha256');
  let chunks: string[] = [];
  let body: string | null = null;
  let outputBytes = 0;
  let queueMs: number | undefined;
  let runtimeDigest: Digest = NO_DIGEST;
  let firstTokenMs = 0;
  let promptTokens = 0;
  let completionTokens = 0;
  let finishReason = '';
  let param: string | null = null;

  const noteOutput = (text: string, suffix: string): void => {
    if (firstTokenMs === 0) firstTokenMs = Math.max(1, elapsedMs());
    hash.update(text);
    hash.update(suffix);
    outputBytes += Buffer.byteLength(text) + suffix.length;
    chain.append(text);
  };

  return {
    deliveredIn: undefined,
    get outputBytes() {
      return outputBytes;
    },
    get firstTokenMs() {
      return firstTokenMs;
    },
    takeChunk: (chunk) => {
      const index = chain.length;
      noteOutput(chunk, '\n');
      chunks.push(chunk);
      return index;
    },
    takeBody: (text) => {
      noteOutput(text, '');
      body = text;
    },
    noteStart: (image) => {
      queueMs = elapsedMs();
      runtimeDigest = image ?? NO_DIGEST;
    },
    noteUsage: (usage) => {
      promptTokens = usage?.promptTokens ?? 0;
      completionTokens = usage?.completionTokens ?? 0;
    },
    noteFinish: (reason) => {
      // Half of a surrogate pair, from the engine or from the cut, could be neither hashed nor sent.
      finishReason = Buffer.from(reason.slice(0, 32)).toString().slice(0, 32);
    },
    noteRefusal: (field) => {
      param = field;
    },
    seal: (outcome, reason) => ({
      record: {
        outcome,
        reason,
        param,
        finish_reason: finishReason,
        output_digest: `sha256:${hash.copy().digest('hex')}`,
        output_bytes: outputBytes,
        stream_head: chain.head,
        chunk_count: chain.length,
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        runtime_digest: runtimeDigest,
        queue_ms: queueMs ?? elapsedMs(),
        first_token_ms: firstTokenMs,
        total_ms: elapsedMs(),
      },
      output: { body, chunks: body === null ? chunks : null },
    }),
    chunksAfter: (i, head) => {
      if (chunks.length !== chain.length) return undefined;
      if (i > chunks.length) return 'forked';
      const held = startStreamChain(key.job, key.attempt, requestDigest);
      for (const chunk of chunks.slice(0, i)) held.append(chunk);
      return held.head === head ? chunks.slice(i) : 'forked';
    },
    dropOutput: () => {
      body = null;
      chunks = [];
    },
  };
};
