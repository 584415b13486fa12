// The hardware profile a node registers with and repeats in heartbeats. No GPU is an honest answer.
import { z } from 'zod';
import { count } from './primitives.js';

export const hardwareProfile = z.object({
  gpus: z
    .array(
      z.object({
        uuid: z.string().max(96),
        name: z.string().max(128),
        vram_total_bytes: count,
        vram_used_bytes: count.optional(),
        driver: z.string().max(64).optional(),
      }),
    )
    .max(64),
  cpu: z.object({ model: z.string().max(128), cores: count }),
  ram_bytes: z.object({ total: count, free: count }),
  /** Of the file system that holds the data directory. */
  disk_bytes: z.object({ total: count, free: count }),
  os: z.string().max(128),
});
export type HardwareProfile = z.infer<typeof hardwareProfile>;
