// The hardware profile a node registers with and repeats in heartbeats. No GPU is an honest answer.
// Fields that came later are optional: an older node leaves them out, an older network drops them.
import { z } from 'zod';
import { count } from './primitives.js';

const graphicsUnit = z.object({
  uuid: z.string().max(96),
  name: z.string().max(128),
  vram_total_bytes: count,
  vram_used_bytes: count.optional(),
  driver: z.string().max(64).optional(),
  vendor: z.enum(['nvidia', 'amd']).optional().catch(undefined),
  /** The GPU works in the host's memory: `vram_total_bytes` is that of the system. */
  unified_memory: z.boolean().optional(),
  /** CUDA's, e.g. `8.9`; AMD's target, e.g. `gfx1100`. */
  compute_capability: z.string().max(32).optional(),
  /** The widest link the GPU and its slot can have, not the present one. */
  pcie: z.object({ generation: count.optional(), width: count.optional() }).optional(),
  utilisation_percent: count.optional(),
  temperature_celsius: z.number().int().min(-273).max(1_000).optional(),
  power_draw_watts: count.optional(),
  power_limit_watts: count.optional(),
  /** Those that hold memory of it, by the host's numbers; absent where there are none, or the driver does not tell. */
  processes: z
    .array(z.object({ pid: count, vram_bytes: count.optional() }))
    .max(32)
    .optional(),
  /** Set where MIG is on; an empty list is a GPU nobody has cut into instances yet. */
  mig: z
    .array(z.object({ uuid: z.string().max(96), profile: z.string().max(32) }))
    .max(16)
    .optional(),
});

export const hardwareProfile = z.object({
  gpus: z.array(graphicsUnit).max(64),
  /** GPUs the driver knows of and cannot speak with. */
  lost_gpus: z
    .array(z.object({ place: z.string().max(96).optional(), reason: z.string().max(200) }))
    .max(64)
    .optional(),
  cpu: z.object({
    model: z.string().max(128),
    cores: count,
    /** Those of `avx2`, `avx512f`, `amx` it has. */
    flags: z.array(z.string().max(32)).max(16).optional(),
  }),
  ram_bytes: z.object({ total: count, free: count }),
  /** Of the file system that holds the data directory. */
  disk_bytes: z.object({ total: count, free: count }),
  os: z.string().max(128),
  /** The container engine the node controls; absent where it controls none. */
  engine: z
    .object({
      /** e.g. `docker`, `podman`. */
      kind: z.string().max(32),
      version: z.string().max(64),
      api_version: z.string().max(32),
      /** How GPUs get into containers: `toolkit`, `cdi` or `none`. */
      gpu_injection: z.string().max(32),
      /** The control group hierarchy, e.g. `2`. */
      cgroup: z.string().max(32),
      rootless: z.boolean(),
    })
    .optional(),
});
export type HardwareProfile = z.infer<typeof hardwareProfile>;
