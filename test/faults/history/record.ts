// What a run of the fault suite writes down, one JSON record a line, and the checker reads: what was done to the system,
// what was said on the wire, what the client was told, and the books both sides are left with.
//
// A test that wants its run checked: `startTap` between node and network, `History` to write to, at the end
// `readNetwork` and `readNode` on the two data directories, then `expectSound(history)`.
import { z } from 'zod';
import { declineCode, modelState, resultVerdict } from '../../../src/protocol/codes.js';
import { frameHeader } from '../../../src/protocol/frame.js';
import { jobMode } from '../../../src/protocol/job-mode.js';
import { attemptRef, configRef } from '../../../src/protocol/messages/session.js';
import {
  address,
  bytes32,
  code,
  count,
  digest,
  millis,
  signatureHex,
  ulid,
} from '../../../src/protocol/primitives.js';
import { receipt } from '../../../src/protocol/receipt.js';

const model = z.object({ id: z.string(), digest, state: modelState });

/** The part of a frame's body an invariant looks at; words of clients and engines are left out. */
export const said = z.discriminatedUnion('t', [
  z.object({ t: z.literal('greeting'), nonce: bytes32 }),
  z.object({
    t: z.literal('hello'),
    node: address,
    models: z.array(model),
    config_digest: digest.nullable(),
  }),
  z.object({ t: z.literal('welcome'), session: bytes32 }),
  z.object({ t: z.literal('heartbeat'), models: z.array(model), config_digest: digest.nullable() }),
  attemptRef.extend({
    t: z.literal('job.offer'),
    mode: jobMode,
    model: z.object({ id: z.string(), digest }),
  }),
  attemptRef.extend({ t: z.literal('job.accept') }),
  attemptRef.extend({ t: z.literal('job.decline'), code: declineCode }),
  attemptRef.extend({ t: z.literal('job.cancel'), reason: code }),
  z.object({ t: z.literal('job.delta'), batch: z.array(attemptRef.extend({ i: count })) }),
  z.object({ t: z.literal('result'), receipt, receipt_sig: signatureHex }),
  attemptRef.extend({ t: z.literal('result.ack'), receipt_digest: digest, verdict: resultVerdict }),
  configRef.extend({
    t: z.literal('config.applied'),
    outcome: z.enum(['applied', 'rejected', 'rolled_back']),
  }),
  z.object({ t: z.literal('other') }),
]);
export type Said = z.infer<typeof said>;

const at_ms = millis;

export const record = z.discriminatedUnion('kind', [
  /** First of a history: what the run promises to be. With less traffic or fewer faults than this it proves nothing. */
  z.object({
    kind: z.literal('run'),
    name: z.string(),
    seed: z.string(),
    least_jobs: count,
    least_faults: count,
  }),
  z.object({ kind: z.literal('fault'), at_ms, fault: z.string(), target: z.string() }),
  /** The node serves again after it was started or found its network again. */
  z.object({ kind: z.literal('back'), at_ms, took_ms: millis, limit_ms: millis }),
  z.object({
    kind: z.literal('frame'),
    at_ms,
    /** Number of the connection. */
    link: count,
    from: z.enum(['node', 'network']),
    header: frameHeader,
    said,
  }),
  z.object({ kind: z.literal('hung_up'), at_ms, link: count }),
  /** A job the network admitted. */
  z.object({ kind: z.literal('asked'), at_ms, job: ulid, mode: jobMode }),
  /** What its client was told in the end; `broken`: the connection went, and the job may still have ended well. */
  z.object({
    kind: z.literal('answered'),
    at_ms,
    job: ulid,
    answer: z.enum(['completed', 'failed', 'broken']),
  }),

  z.object({ kind: z.literal('network'), name: z.string(), chain_id: count, genesis: digest }),
  /** A configuration the network has published. */
  configRef.extend({
    kind: z.literal('published'),
    models: z.array(z.object({ id: z.string(), digest, enabled: z.boolean() })),
  }),
  /** The network's record of a job when all was over. */
  z.object({
    kind: z.literal('job'),
    job: ulid,
    paid: z.boolean(),
    state: z.string(),
    attempts: z.array(z.object({ attempt: count, state: z.string(), receipt_digest: digest.nullable() })),
  }),
  z.object({
    kind: z.literal('ledger'),
    job: ulid,
    entry: z.enum(['reserve', 'settle', 'release']),
    amount: z.string(),
    receipt_digest: digest.nullable(),
  }),
  z.object({
    kind: z.literal('receipt'),
    /** Whose books it is in. */
    from: z.enum(['node', 'network']),
    digest,
    receipt,
    signature: signatureHex.nullable(),
  }),
  /** The node's record of an attempt when all was over. */
  attemptRef.extend({ kind: z.literal('attempt'), state: z.string() }),
  /** The version floor on a node's disk at some moment; the place is its data directory. */
  z.object({ kind: z.literal('floor'), at_ms, place: z.string(), version: count }),
  /** The node's key file at some moment; null: there is none yet. */
  z.object({ kind: z.literal('key'), at_ms, place: z.string(), digest: digest.nullable(), mode: count }),
  /** A segment of the node's log: on its way, or whole at the network. */
  z.object({
    kind: z.literal('report'),
    place: z.enum(['node', 'network']),
    node: address,
    report: ulid,
    first_line: count,
    lines: count,
    sha256: digest,
    previous: digest.nullable(),
  }),
  /** Where a node's log stands: lines in all segments that were ever sealed. */
  z.object({ kind: z.literal('log_end'), node: address, lines: count }),
  /** A place searched for what must not be written down, and what was found of it. */
  z.object({ kind: z.literal('searched'), place: z.string(), bytes: count, found: z.array(z.string()) }),
  z.object({ kind: z.literal('measured'), what: z.string(), bytes: count, bound: count }),
]);
export type HistoryRecord = z.infer<typeof record>;
export type RecordOf<K extends HistoryRecord['kind']> = Extract<HistoryRecord, { kind: K }>;
