// The handshake and what ends a session: greeting → hello → welcome, standing, error, goodbye.
import { z } from 'zod';
import { modelState, standingState } from '../codes.js';
import {
  address,
  bytes32,
  code,
  count,
  digest,
  millis,
  modelId,
  networkName,
  text,
  ulid,
} from '../primitives.js';

/** The configuration the network wants in force. */
export const configRef = z.object({ version: count, digest });
export type ConfigRef = z.infer<typeof configRef>;

/** What the network thinks of the node, and the account it belongs to once an owner bound it. */
export const standing = z.object({
  state: standingState,
  code: code.optional(),
  text: text.optional(),
  until_ms: millis.optional(),
  /** The owner, shortened for display: an address, or a masked e-mail. */
  account: z.object({ kind: z.enum(['wallet', 'email']), label: z.string().max(128) }).optional(),
});
export type Standing = z.infer<typeof standing>;

/** Network → node, before anything is asked of the node. Signed by an online key. */
export const greeting = z.object({
  nonce: bytes32,
  network: networkName,
  versions: z.array(count).min(1).max(16),
  time_ms: millis,
  config: configRef.nullable(),
});
export type Greeting = z.infer<typeof greeting>;

/** A job named together with the attempt: nothing on the wire speaks of a job without its attempt. */
export const attemptRef = z.object({ job: ulid, attempt: count });
export type AttemptRef = z.infer<typeof attemptRef>;

/** What the network holds of a stream: so many chunks, and the head of their chain. */
export const streamMark = attemptRef.extend({ i: count, head: bytes32 });
export type StreamMark = z.infer<typeof streamMark>;

/** Node → network: the answer to the nonce, for the origin the node dialled. Signed by the node. */
export const hello = z.object({
  nonce: bytes32,
  node: address,
  /** Origin the node dialled, e.g. `ws://127.0.0.1:4100`; a relay under another name cannot use this hello. */
  audience: z.string().max(256),
  /** Random per process: tells a reconnect from a second machine with the same key. */
  instance: ulid,
  agent_version: z.string().max(64),
  protocol: count,
  config_digest: digest.nullable(),
  models: z.array(z.object({ id: modelId, digest, state: modelState })).max(256),
  /** Attempts accepted and not finished. */
  running: z.array(attemptRef).max(1000),
  /** Attempts finished and not acknowledged. */
  outbox: z.array(attemptRef.extend({ receipt_digest: digest })).max(1000),
});
export type Hello = z.infer<typeof hello>;

/** Network → node: the session. Signed by an online key. */
export const welcome = z.object({
  /** SHA-256 of the handshake's transcript; both sides compute it. */
  session: bytes32,
  standing,
  heartbeat_ms: millis,
  ping_ms: millis,
  dead_ms: millis,
  lease_ms: millis,
  /** Running attempts the network no longer wants; the node stops them. */
  stop: z.array(attemptRef).max(1000),
  /** Finished attempts whose result the network already has; the node need not send them. */
  have: z.array(attemptRef.extend({ receipt_digest: digest })).max(1000),
  /** Streams among the running attempts that may go on from chunk `i`; of the others the result brings all chunks. */
  resume: z.array(streamMark).max(1000).default([]),
});
export type Welcome = z.infer<typeof welcome>;

/** Another process that uses the key of this node, as the network sees it. */
export const elsewhere = z.object({
  /** Where it connected from; behind a proxy the proxy. */
  address: z.string().max(64),
  instance: ulid,
  agent_version: z.string().max(64),
  /** When it connected, by the network's clock. */
  at_ms: millis,
});
export type Elsewhere = z.infer<typeof elsewhere>;

export const errorMessage = z.object({
  code,
  text,
  /** With `key_in_use`: who holds the key, or who was refused because this node does. */
  elsewhere: elsewhere.optional(),
  /** Sequence number of the frame it speaks of. */
  about: count.optional(),
  retry_after_ms: millis.optional(),
  /** The sender closes the session after this. */
  fatal: z.boolean(),
});

export const goodbye = z.object({
  reason: code,
  reconnect_after_ms: millis.optional(),
  /** Accepted attempts the node hands back unfinished. */
  jobs: z.array(attemptRef).max(1000),
});
export type Goodbye = z.infer<typeof goodbye>;
