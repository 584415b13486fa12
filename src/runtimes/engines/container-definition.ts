// What an engine needs of its container, as data. Everything else about a Runtime container is the same for all.
import { z } from 'zod';

const insidePath = z.string().regex(/^(?:\/[\w.-]+)+$/, { error: 'an absolute path such as /tmp' });

export const engineContainerSchema = z.strictObject({
  /** Stands for the image's own, which may change between versions; the process's arguments follow. */
  entrypoint: z.array(z.string().min(1)).min(1),
  /** Set over the process's environment. */
  environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()),
  /** The only writable places besides the socket's directory; sizes are ceilings, not reservations. */
  tmpfs: z.array(
    z.strictObject({
      target: insidePath,
      sizeBytes: z.number().int().positive(),
      /** Compile caches map code from there. */
      exec: z.boolean(),
    }),
  ),
  /** Unless the configuration says otherwise. A hard limit: tmpfs and shared memory count. */
  memoryBytes: z.number().int().positive(),
  /** Unless the configuration says otherwise. */
  sharedMemoryBytes: z.number().int().positive(),
  pids: z.number().int().positive(),
  /** `none`: it is given no GPU even where there are some. */
  gpu: z.enum(['required', 'optional', 'none']),
});

export const MEBIBYTE = 1024 ** 2;
export const GIBIBYTE = 1024 ** 3;
