// Which Runtime last proved itself, whole: an Agent that comes back to a configuration that does not work has something
// to go back to.
import { join } from 'node:path';
import { z } from 'zod';
import type { RuntimeSpec } from '../runtime/runtime-driver.js';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { type OpenedDocument, openDocument } from './document-store.js';
import { makeDirectoryDurably } from './durable-directory.js';

/** JSON leaves out what is undefined; a spec names it. */
const orUnset = <T>(schema: z.ZodType<T>) => schema.optional().transform((value) => value);

const runtimeSpec = z.strictObject({
  specHash: z.string().min(1),
  engine: z.string().min(1),
  models: z.array(
    z.strictObject({
      id: z.string().min(1),
      digest: z.string().min(1),
      path: orUnset(z.string()),
      tasks: z.array(z.enum(['chat', 'completion', 'embedding'])),
    }),
  ),
  maxConcurrent: z.number().int().positive(),
  contextTokens: z.number().int().positive(),
  image: orUnset(z.string()),
  bridgeImage: orUnset(z.string()),
  flags: z.record(z.string(), z.string()),
  gpus: z.array(z.string()),
  memoryBytes: orUnset(z.number()),
  sharedMemoryBytes: orUnset(z.number()),
  origin: z.strictObject({ network: z.string(), configDigest: z.string() }),
}) satisfies z.ZodType<RuntimeSpec>;

const provenRuntime = z.strictObject({
  proven: z.strictObject({ settings: z.string(), spec: runtimeSpec }).nullable(),
});

export interface ProvenRuntime {
  readonly proven: {
    /** Digest of the owner's settings under which it did: under others it may ask for what the owner has taken away. */
    readonly settings: string;
    readonly spec: RuntimeSpec;
  } | null;
}

/**
 * Opens `proven.json`, and begins it anew when it is corrupt.
 * @param directory `<data>/runtime`, made if it is not there; the data directory must be held
 * @throws StateReadError, StateWriteError, DocumentTooNewError
 */
export const openProvenRuntime = async (
  directory: string,
  disk: DiskSteps = realDisk,
): Promise<OpenedDocument<ProvenRuntime>> => {
  await makeDirectoryDurably(directory, disk);
  return openDocument<ProvenRuntime>({
    path: join(directory, 'proven.json'),
    schema: provenRuntime,
    version: 1,
    initial: { proven: null },
    subject: 'runtime/proven',
    whenCorrupt: 'start-over',
    disk,
  });
};
