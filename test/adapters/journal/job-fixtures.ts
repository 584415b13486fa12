// Records as a node would write them, numbered so that every test can tell its own apart.

import type {
  AttemptKey,
  ExecutionRecord,
  JobOutput,
  JobRecord,
} from '../../../src/adapters/journal/job-journal.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { ZERO_ADDRESS, ZERO_BYTES32 } from '../../../src/protocol/primitives.js';
import { NO_DIGEST, type Receipt } from '../../../src/protocol/receipt.js';

export const START_MS = 1_700_000_000_000;
export const DAY_MS = 24 * 3_600_000;

export const jobId = (number: number): string => `01J${String(number).padStart(23, '0')}`;
export const attempt = (number: number): AttemptKey => ({ job: jobId(number), attempt: 1 });

export const acceptedRecord = (number: number, acceptedMs = START_MS + number): JobRecord => ({
  offer: {
    ...attempt(number),
    endpoint: 'chat.completions',
    mode: 'poll',
    model: { id: 'sim-1', digest: NO_DIGEST },
    request: { model: 'sim-1', messages: [{ role: 'user', content: `prompt ${number}` }] },
    max_output_tokens: 16,
    ttl_left_ms: 60_000,
    exec_timeout_ms: 30_000,
    lease_ms: 30_000,
    priority: 5,
    salt: ZERO_BYTES32,
  },
  request_digest: digestOf(`request ${number}`),
  session: ZERO_BYTES32,
  config: { version: 1, digest: digestOf('config') },
  accepted_ms: acceptedMs,
  expires_ms: acceptedMs + DAY_MS,
  state: 'accepted',
  execution: null,
  receipt: null,
  verdict: null,
  concluded_ms: null,
});

export const outputOf = (number: number): JobOutput => ({ body: `{"answer":${number}}`, chunks: null });

export const executionOf = (number: number): ExecutionRecord => ({
  outcome: 'completed',
  reason: null,
  param: null,
  finish_reason: 'stop',
  output_digest: digestOf(`output ${number}`),
  output_bytes: 12,
  stream_head: ZERO_BYTES32,
  chunk_count: 1,
  prompt_tokens: 3,
  completion_tokens: 4,
  runtime_digest: NO_DIGEST,
  queue_ms: 1,
  first_token_ms: 2,
  total_ms: 3,
});

export const receiptOf =
  (number: number) =>
  (seq: number, previous: string): Receipt => ({
    ...attempt(number),
    node: ZERO_ADDRESS,
    session: ZERO_BYTES32,
    config_version: 1,
    config_digest: NO_DIGEST,
    model: 'sim-1',
    model_digest: NO_DIGEST,
    runtime_digest: NO_DIGEST,
    agent_version: '0.1.0',
    request_digest: digestOf(`request ${number}`),
    output_digest: digestOf(`output ${number}`),
    output_bytes: 12,
    stream_head: ZERO_BYTES32,
    chunk_count: 1,
    prompt_tokens: 3,
    completion_tokens: 4,
    finish_reason: 'stop',
    outcome: 'completed',
    accepted_ms: START_MS,
    queue_ms: 1,
    first_token_ms: 2,
    total_ms: 3,
    seq,
    previous,
  });

export const digestOfReceipt = (receipt: Receipt): string => digestOf(JSON.stringify(receipt));
