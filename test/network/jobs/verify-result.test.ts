// Every lie a result can tell, one at a time, and which of them is found by what.
import { describe, expect, test } from 'vitest';
import { HeldStream } from '../../../src/network/jobs/held-stream.js';
import type { JobRecord } from '../../../src/network/jobs/job-record.js';
import { finishJob, noteResult, returnToQueue } from '../../../src/network/jobs/job-transitions.js';
import { judgeResult, type ResultCase } from '../../../src/network/jobs/verify-result.js';
import { digestOf } from '../../../src/protocol/digest.js';
import type { Result } from '../../../src/protocol/messages/jobs.js';
import { NO_DIGEST, type Receipt, receiptHash } from '../../../src/protocol/receipt.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { startStreamChain } from '../../../src/protocol/stream-chain.js';
import { chatAnswer, chatStream } from '../io/scripted-node.js';

const NETWORK = { name: 'devnet', chainId: 31337, genesis: digestOf('genesis') };
const signer = createSigner(`0x${'2'.repeat(64)}`);
const stranger = createSigner(`0x${'3'.repeat(64)}`);
const REQUEST = digestOf('offer');
const MODEL = digestOf('model');
const CONFIG = digestOf('config');
const JOB = '01J00000000000000000000000';
const OTHER = digestOf('other');

const jobOf = (mode: JobRecord['mode']): JobRecord => ({
  job: JOB,
  kind: 'paid',
  namespace: 'acme',
  endpoint: 'chat.completions',
  model: 'tiny',
  mode,
  priority: 5,
  max_output_tokens: 64,
  created_ms: 0,
  expires_ms: 60_000,
  state: 'running',
  attempts: [
    {
      attempt: 1,
      node: signer.address,
      config_digest: CONFIG,
      model_digest: MODEL,
      request_digest: REQUEST,
      exec_timeout_ms: 60_000,
      offered_ms: 0,
      accepted_ms: 0,
      state: 'accepted',
      code: null,
      result: null,
    },
  ],
  finished_ms: null,
  end: null,
});

const plain = chatAnswer('hi');
const stream = chatStream(['a', 'b', 'c']);
const OUTPUT = plain.output ?? '';

const honest = (parts: readonly string[], text: string, completion: number): Receipt => {
  const chain = startStreamChain(JOB, 1, REQUEST);
  for (const part of parts) chain.append(part);
  return {
    job: JOB,
    attempt: 1,
    node: signer.address,
    session: `0x${'0'.repeat(64)}`,
    config_version: 3,
    config_digest: CONFIG,
    model: 'tiny',
    model_digest: MODEL,
    runtime_digest: NO_DIGEST,
    agent_version: '0.1.0',
    request_digest: REQUEST,
    output_digest: digestOf(text),
    output_bytes: Buffer.byteLength(text),
    stream_head: chain.head,
    chunk_count: chain.length,
    prompt_tokens: 5,
    completion_tokens: completion,
    finish_reason: 'stop',
    outcome: 'completed',
    accepted_ms: 1,
    queue_ms: 1,
    first_token_ms: 2,
    total_ms: 3,
    seq: 4,
    previous: OTHER,
  };
};
const PLAIN = honest([OUTPUT], OUTPUT, 7);
const STREAM = honest(stream.chunks, stream.chunks.map((one) => `${one}\n`).join(''), 3);

const signed = (receipt: Receipt, rest: Partial<Result> = {}): Result => ({
  receipt,
  receipt_sig: signer.signReceipt(NETWORK, receipt),
  ...rest,
});

const caseOf = (result: Result, change: Partial<ResultCase> = {}): ResultCase => ({
  network: NETWORK,
  node: signer.address,
  result,
  job: jobOf('sync'),
  held: undefined,
  configVersion: (digest) => (digest === CONFIG ? 3 : undefined),
  link: () => undefined,
  ...change,
});

const judge = (result: Result, change: Partial<ResultCase> = {}): string => {
  const { verdict, code } = judgeResult(caseOf(result, change));
  return code === undefined ? verdict : `${verdict} ${code}`;
};
const digestOfReceipt = (receipt: Receipt): string => `sha256:${receiptHash(NETWORK, receipt).slice(2)}`;

test('an honest plain result is accepted', () => {
  expect(judge(signed(PLAIN, { output: OUTPUT }))).toBe('accepted');
});

const altered = (receipt: Receipt, field: keyof Receipt): Receipt => {
  const value = receipt[field];
  if (typeof value === 'number') return { ...receipt, [field]: value + 1 };
  if (field === 'outcome') return { ...receipt, outcome: 'cancelled' };
  if (field === 'node') return { ...receipt, node: stranger.address };
  if (value.startsWith('sha256:')) return { ...receipt, [field]: digestOf('altered') };
  if (value.startsWith('0x')) return { ...receipt, [field]: `0x${'f'.repeat(64)}` };
  return { ...receipt, [field]: field === 'job' ? '01J00000000000000000000001' : `${value}x` };
};
const FIELDS = Object.keys(PLAIN) as (keyof Receipt)[];

test.each(FIELDS)('a receipt whose %s was altered after signing is rejected', (field) => {
  const result = { ...signed(PLAIN, { output: OUTPUT }), receipt: altered(PLAIN, field) };
  expect(judge(result)).toBe('rejected signature_invalid');
});

test.each([
  ['job', 'rejected unknown_job'],
  ['attempt', 'rejected unknown_job'],
  ['node', 'rejected signature_invalid'],
  ['config_version', 'rejected digest_mismatch'],
  ['config_digest', 'rejected digest_mismatch'],
  ['model', 'rejected digest_mismatch'],
  ['model_digest', 'rejected digest_mismatch'],
  ['request_digest', 'rejected digest_mismatch'],
  ['output_digest', 'rejected digest_mismatch'],
  ['output_bytes', 'rejected digest_mismatch'],
  ['stream_head', 'rejected chain_mismatch'],
  ['chunk_count', 'rejected chain_mismatch'],
  ['prompt_tokens', 'rejected usage_implausible'],
  ['completion_tokens', 'rejected usage_implausible'],
] as const)('a receipt that lies about %s under a valid signature: %s', (field, verdict) => {
  const job = field === 'job' ? undefined : jobOf('sync'); // the desk finds no such job
  expect(judge(signed(altered(PLAIN, field), { output: OUTPUT }), { job })).toBe(verdict);
});

test('a receipt signed by another key is rejected', () => {
  const result = { ...signed(PLAIN, { output: OUTPUT }), receipt_sig: stranger.signReceipt(NETWORK, PLAIN) };
  expect(judge(result)).toBe('rejected signature_invalid');
  expect(judge({ ...result, receipt_sig: `0x${'0'.repeat(130)}` })).toBe('rejected signature_invalid');
});

test('a receipt for another network is rejected', () => {
  const network = { ...NETWORK, chainId: 1 };
  expect(judge(signed(PLAIN, { output: OUTPUT }), { network })).toBe('rejected signature_invalid');
});

test("another node's attempt is not this node's", () => {
  const job = jobOf('sync');
  const theirs = { ...job, attempts: job.attempts.map((one) => ({ ...one, node: stranger.address })) };
  expect(judge(signed(PLAIN, { output: OUTPUT }), { job: theirs })).toBe('rejected unknown_job');
});

describe('usage', () => {
  const withUsage = (usage: object | null) => {
    const output = JSON.stringify({ choices: [], usage });
    return (tokens: Partial<Receipt>) =>
      judge(signed({ ...honest([output], output, 7), ...tokens }, { output }));
  };
  test('must be the one the output reports, where it reports one', () => {
    expect(withUsage({ prompt_tokens: 5, completion_tokens: 7 })({})).toBe('accepted');
    expect(withUsage({ prompt_tokens: 4, completion_tokens: 7 })({})).toBe('rejected usage_implausible');
    expect(withUsage(null)({})).toBe('accepted');
  });
  test('stays within what was asked for and has a prompt', () => {
    expect(withUsage(null)({ completion_tokens: 64 })).toBe('accepted');
    expect(withUsage(null)({ completion_tokens: 65 })).toBe('rejected usage_implausible');
    expect(withUsage(null)({ prompt_tokens: 0 })).toBe('rejected usage_implausible');
  });
  test('is not readable in an output that is not JSON, or missing', () => {
    expect(judge(signed(honest(['no'], 'no', 7), { output: 'no' }))).toBe('rejected output_malformed');
    expect(judge(signed(PLAIN))).toBe('rejected output_malformed');
  });
});

describe('a stream', () => {
  const heldOf = (chunks: readonly string[]): HeldStream => {
    const held = new HeldStream(JOB, 1, REQUEST);
    held.take(0, chunks);
    return held;
  };
  const job = jobOf('stream');

  test('is accepted when every delta arrived', () => {
    expect(judge(signed(STREAM), { job, held: heldOf(stream.chunks) })).toBe('accepted');
  });
  test('is not accepted when some did not and the result does not bring them', () => {
    const held = heldOf(stream.chunks.slice(0, 2));
    expect(judge(signed(STREAM), { job, held })).toBe('rejected chain_mismatch');
  });
  test('gives the missing tail where the result brings all chunks', () => {
    const held = heldOf(stream.chunks.slice(0, 2));
    const judged = judgeResult(caseOf(signed(STREAM, { chunks: [...stream.chunks] }), { job, held }));
    expect(judged).toMatchObject({ verdict: 'accepted', tail: stream.chunks.slice(2) });
  });
  test('may not bring other chunks than it streamed', () => {
    const held = heldOf(['{"other":1}']);
    const result = signed(STREAM, { chunks: [...stream.chunks] });
    expect(judge(result, { job, held })).toBe('rejected chain_mismatch');
  });
  test('reports usage in its last chunk', () => {
    const lying = { ...STREAM, completion_tokens: 4 };
    expect(judge(signed(lying), { job, held: heldOf(stream.chunks) })).toBe('rejected usage_implausible');
  });
});

describe('what still counts', () => {
  const result = signed(PLAIN, { output: OUTPUT });
  const digest = digestOfReceipt(PLAIN);

  test('the same again is a duplicate, or gets the verdict it had', () => {
    const accepted = noteResult(jobOf('sync'), 1, {
      receipt_digest: digest,
      verdict: 'accepted',
      code: null,
    });
    expect(judge(result, { job: accepted })).toBe('duplicate');
    const noted = { receipt_digest: digest, verdict: 'rejected', code: 'chain_mismatch' } as const;
    expect(judge(result, { job: noteResult(jobOf('sync'), 1, noted) })).toBe('rejected chain_mismatch');
  });
  test('another receipt for a concluded attempt is a fork', () => {
    const noted = { receipt_digest: OTHER, verdict: 'accepted', code: null } as const;
    expect(judge(result, { job: noteResult(jobOf('sync'), 1, noted) })).toBe('rejected receipt_forked');
  });
  test('an attempt that was replaced, or whose job is over, is superseded', () => {
    const replaced = returnToQueue(jobOf('sync'), 1, 'lost', 'lease_lost');
    expect(judge(result, { job: replaced })).toBe('superseded');
    const refusal = { code: 'deadline_exceeded', outcome: null, param: null };
    const over = finishJob(jobOf('sync'), 'expired', { type: 'failed', refusal }, 1);
    expect(judge(result, { job: over })).toBe('superseded');
  });
  test('a receipt that does not fit its neighbours is a fork', () => {
    const at = (seq: number, digestThere: string, previous: string) => ({
      link: (asked: number) =>
        asked === seq ? { digest: digestThere, previous, job: JOB, attempt: 1, seen_ms: 0 } : undefined,
    });
    expect(judge(result, at(3, OTHER, NO_DIGEST))).toBe('accepted');
    expect(judge(result, at(3, NO_DIGEST, NO_DIGEST))).toBe('rejected receipt_forked');
    expect(judge(result, at(4, OTHER, OTHER))).toBe('rejected receipt_forked');
    expect(judge(result, at(5, OTHER, digest))).toBe('accepted');
    expect(judge(result, at(5, OTHER, OTHER))).toBe('rejected receipt_forked');
  });
  test('an attempt that failed needs no output, only honest names', () => {
    const failed = { ...PLAIN, outcome: 'runtime_crashed', output_bytes: 0 } as const;
    expect(judge(signed(failed))).toBe('accepted');
    expect(judge(signed({ ...failed, model: 'other' }))).toBe('rejected digest_mismatch');
  });
});
