// The receipt: one EIP-712 struct per finished attempt that commits to the request, the model, the configuration,
// the output, the token counts and the timings. It is what the network bills by and what anyone can verify later.
import { z } from 'zod';
import { outcomeCode } from './codes.js';
import { digestToBytes32 } from './digest.js';
import type { NetworkId } from './network-id.js';
import { signingDomain } from './network-id.js';
import {
  address,
  addressValue,
  type Bytes32,
  bytes32,
  count,
  digest,
  millis,
  modelId,
  ulid,
  wellFormedText,
} from './primitives.js';
import { typedHash } from './typed-hash.js';

/** Digest of nothing: a field that does not apply to this attempt. */
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

export const receipt = z.object({
  job: ulid,
  /** Rises by one with every assignment of the job: it is also the fence, the right to execute. */
  attempt: count,
  node: address,
  session: bytes32,
  config_version: count,
  config_digest: digest,
  model: modelId,
  /** Digest of the model's manifest. */
  model_digest: digest,
  /** Digest of the Runtime image; {@link NO_DIGEST} where no container runs. */
  runtime_digest: digest,
  agent_version: wellFormedText(64),
  /** SHA-256 of the exact body bytes of the `job.offer`, which hold a 128-bit salt. */
  request_digest: digest,
  /** SHA-256 of the exact output: the response body, or the stream's chunks each followed by LF. */
  output_digest: digest,
  output_bytes: count,
  /** Head of the stream's hash chain; for a plain answer the chain of its one body. */
  stream_head: bytes32,
  chunk_count: count,
  prompt_tokens: count,
  completion_tokens: count,
  finish_reason: wellFormedText(32),
  outcome: outcomeCode,
  /** When the attempt was accepted, by the node's clock. */
  accepted_ms: millis,
  /** Monotonic durations since acceptance. `first_token_ms` is 0 where nothing was produced. */
  queue_ms: millis,
  first_token_ms: millis,
  total_ms: millis,
  /** Per node and network, rising by one; with `previous` the receipts form a chain. */
  seq: count,
  previous: digest,
});
export type Receipt = z.infer<typeof receipt>;

const RECEIPT = {
  Receipt: [
    { name: 'job', type: 'string' },
    { name: 'attempt', type: 'uint64' },
    { name: 'node', type: 'address' },
    { name: 'session', type: 'bytes32' },
    { name: 'configVersion', type: 'uint64' },
    { name: 'configDigest', type: 'bytes32' },
    { name: 'model', type: 'string' },
    { name: 'modelDigest', type: 'bytes32' },
    { name: 'runtimeDigest', type: 'bytes32' },
    { name: 'agentVersion', type: 'string' },
    { name: 'requestDigest', type: 'bytes32' },
    { name: 'outputDigest', type: 'bytes32' },
    { name: 'outputBytes', type: 'uint64' },
    { name: 'streamHead', type: 'bytes32' },
    { name: 'chunkCount', type: 'uint64' },
    { name: 'promptTokens', type: 'uint64' },
    { name: 'completionTokens', type: 'uint64' },
    { name: 'finishReason', type: 'string' },
    { name: 'outcome', type: 'string' },
    { name: 'acceptedMs', type: 'uint64' },
    { name: 'queueMs', type: 'uint64' },
    { name: 'firstTokenMs', type: 'uint64' },
    { name: 'totalMs', type: 'uint64' },
    { name: 'seq', type: 'uint64' },
    { name: 'previous', type: 'bytes32' },
  ],
} as const;

/** The receipt as EIP-712 message, domain and types: for any other implementation to check. */
export const receiptTypedData = (network: NetworkId, r: Receipt) => ({
  domain: signingDomain(network),
  types: { Receipt: [...RECEIPT.Receipt] },
  primaryType: 'Receipt' as const,
  message: {
    job: r.job,
    attempt: r.attempt,
    node: addressValue(r.node),
    session: r.session,
    configVersion: r.config_version,
    configDigest: digestToBytes32(r.config_digest),
    model: r.model,
    modelDigest: digestToBytes32(r.model_digest),
    runtimeDigest: digestToBytes32(r.runtime_digest),
    agentVersion: r.agent_version,
    requestDigest: digestToBytes32(r.request_digest),
    outputDigest: digestToBytes32(r.output_digest),
    outputBytes: r.output_bytes,
    streamHead: r.stream_head,
    chunkCount: r.chunk_count,
    promptTokens: r.prompt_tokens,
    completionTokens: r.completion_tokens,
    finishReason: r.finish_reason,
    outcome: r.outcome,
    acceptedMs: r.accepted_ms,
    queueMs: r.queue_ms,
    firstTokenMs: r.first_token_ms,
    totalMs: r.total_ms,
    seq: r.seq,
    previous: digestToBytes32(r.previous),
  },
});

const hashReceipt = typedHash({ Receipt: [...RECEIPT.Receipt] });

/** EIP-712 digest of a receipt: what is signed, and with `sha256:` in front its name in the chain and in acks. */
export const receiptHash = (network: NetworkId, r: Receipt): Bytes32 =>
  hashReceipt(network, receiptTypedData(network, r).message);
