// What a node tells of itself while connected: heartbeat and its answer, capacity, and the configuration's arrival.
import { z } from 'zod';
import { modelState } from '../codes.js';
import { hardwareProfile } from '../hardware.js';
import { code, count, digest, millis, modelId, networkName } from '../primitives.js';
import { orderInForce } from './orders.js';
import { configRef, standing } from './session.js';

export const runtimeHealth = z.object({
  /** The runtime machine's state, e.g. `ready`; unknown values are shown as they are. */
  state: z.string().max(32),
  engine: z.string().max(32),
  version: z.string().max(64).optional(),
  uptime_ms: millis,
  restarts: count,
});

export const heartbeat = z.object({
  network: networkName,
  agent_version: z.string().max(64),
  protocol: count,
  config_digest: digest.nullable(),
  runtime: runtimeHealth,
  models: z.array(z.object({ id: modelId, digest, state: modelState, reason: code.optional() })).max(256),
  hardware: hardwareProfile,
  jobs: z.object({ running: count, queued: count, outbox: count }),
  credit_limit: count,
  /** `order` says whose order it is, why and until when; a node that stops drains without one. */
  prefs: z.object({ draining: z.boolean(), paused: z.boolean(), order: orderInForce.optional() }),
  /** Node's clock minus the network's, as last seen; milliseconds, may be negative. */
  clock_offset_ms: z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
});
export type Heartbeat = z.infer<typeof heartbeat>;

export const heartbeatAck = z.object({ time_ms: millis, config: configRef.nullable(), standing });

/** Running total of offers the network may have sent in this session. It never shrinks. */
export const capacity = z.object({ credit_limit: count, slots: z.object({ total: count, free: count }) });
export type Capacity = z.infer<typeof capacity>;

export const configNotify = configRef;

export const configApplied = z.object({
  version: count,
  digest,
  outcome: z.enum(['applied', 'rejected', 'rolled_back']),
  code: code.optional(),
  duration_ms: millis,
});
