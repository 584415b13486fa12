// The configuration snapshot: what the network wants its nodes to run. Signed by config keys; named by the SHA-256 of
// its bytes (`config_digest`). Bounds that no snapshot may widen are checked here.
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { LIMITS, TIMES } from './limits.js';
import { modelDigest, modelManifest } from './model-manifest.js';
import { endpoint, modelTask } from './openai/endpoint.js';
import { count, type Digest, digest, millis, modelId, networkName } from './primitives.js';
import { ProtocolError } from './protocol-error.js';

/** The model's proof: one real inference. Passed when it answers; `contains` narrows it where the model allows. */
const modelTest = z.object({
  endpoint,
  request: z.record(z.string(), z.unknown()),
  contains: z.string().max(256).optional(),
  timeout_ms: millis.min(1_000).max(TIMES.jobMaxMs),
});

export const modelEntry = z.object({
  id: modelId,
  version: z.string().max(64),
  /** Digest of the manifest: see `model-manifest.ts`. */
  digest,
  files: modelManifest,
  tasks: z.array(modelTask).min(1).max(3),
  /** Engines that can run it, keys into the node's engine table. */
  engines: z.array(z.string().max(32)).min(1).max(16),
  context_tokens: count.min(1),
  min_vram_bytes: count,
  /** False: installed models stay on disk and serve nothing. */
  enabled: z.boolean(),
  test: modelTest,
});
export type ModelEntry = z.infer<typeof modelEntry>;

/** `name@sha256:…`, to be pulled; or `sha256:…`, the id of an image the container engine has already. */
const image = z
  .string()
  .max(512)
  .regex(/^(?:[\w.:/-]+@)?sha256:[0-9a-f]{64}$/, 'an image must be named by digest');

const runtimeEntry = z.object({
  engine: z.string().max(32),
  /** Absent where the engine is not a container. */
  image: image.optional(),
  /** For an engine that knows no Unix socket: the image that gives it one. */
  bridge_image: image.optional(),
  /** Engine flags by name, without dashes; each node refuses what is not on its own allowlist. */
  flags: z
    .record(
      z
        .string()
        .max(64)
        .regex(/^[a-z][a-z0-9-]*$/),
      z.string().max(256),
    )
    .refine((flags) => Object.keys(flags).length <= 32, 'too many flags')
    .optional(),
  /** Hard bounds of the container; a node's own are smaller or equal. */
  memory_bytes: count.min(64 * 1024 * 1024).optional(),
  shm_bytes: count.min(1024 * 1024).optional(),
  max_concurrent: count.min(1).max(4096),
});

export const configSnapshot = z.object({
  kind: z.literal('config'),
  network: networkName,
  version: count.min(1),
  issued_ms: millis,
  /** After this no new jobs are taken on this snapshot. */
  expires_ms: millis,
  models: z
    .array(modelEntry)
    .max(256)
    .refine(
      (models) => models.every((model) => model.digest === modelDigest(model)),
      'a digest does not fit its files',
    )
    .refine(
      (models) => new Set(models.flatMap(({ id, digest }) => [id, digest])).size === 2 * models.length,
      'ids and digests must be listed once each',
    ),
  runtimes: z.array(runtimeEntry).max(16),
  jobs: z.object({
    max_output_tokens: count.min(1).max(1_000_000),
    max_input_bytes: count.min(1).max(LIMITS.offerBytes),
    queue_max: count.max(4096),
    exec_timeout_ms: millis.min(1_000).max(TIMES.jobMaxMs),
  }),
  ttl: z.object({
    heartbeat_ms: millis.min(TIMES.heartbeatMinMs).max(TIMES.heartbeatMaxMs),
    outbox_ms: millis.min(60_000),
    retest_ms: millis.min(60_000).max(TIMES.longestMs),
    retry_base_ms: millis.min(100).max(60_000),
    retry_cap_ms: millis.min(1_000).max(3_600_000),
  }),
  reports: z.object({
    interval_ms: millis.min(1_000).max(TIMES.longestMs),
    segment_bytes: count.min(1024).max(16 * 1024 * 1024),
  }),
  versions: z.object({ agent_min: z.string().max(64), agent_latest: z.string().max(64) }),
});
export type ConfigSnapshot = z.infer<typeof configSnapshot>;

/** A snapshot together with its name. */
export interface NamedConfig {
  readonly digest: Digest;
  readonly snapshot: ConfigSnapshot;
}

/** @throws ProtocolError `malformed` with the offending field, `network_mismatch` */
export const parseConfigSnapshot = (body: Uint8Array, network: string): ConfigSnapshot => {
  const parsed = configSnapshot.safeParse(parseBoundedJson(body, { maxBytes: LIMITS.configBytes }));
  if (!parsed.success)
    throw new ProtocolError('malformed', `config snapshot: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.network !== network) {
    throw new ProtocolError(
      'network_mismatch',
      `config snapshot of '${parsed.data.network}', not of '${network}'`,
    );
  }
  return parsed.data;
};
