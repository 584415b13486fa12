// What the node remembers of Runtimes that failed: pauses and quarantine must outlast the Agent that imposed them.
import { join } from 'node:path';
import { z } from 'zod';
import { millis } from '../../protocol/primitives.js';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { type OpenedDocument, openDocument } from './document-store.js';
import { makeDirectoryDurably } from './durable-directory.js';

/** Failures kept; the oldest go first. */
export const MAX_FAILURES_KEPT = 64;

const failureRecord = z.strictObject({
  spec_hash: z.string().max(128),
  at_ms: millis,
  code: z.string().max(128),
  message: z.string().max(4096),
  retryable: z.boolean(),
  advice: z.string().max(4096).optional(),
  /** No start of this spec before. */
  not_before_ms: millis,
});
export type FailureRecord = z.infer<typeof failureRecord>;

export const runtimeHistory = z.strictObject({ failures: z.array(failureRecord).max(MAX_FAILURES_KEPT) });
export type RuntimeHistory = z.infer<typeof runtimeHistory>;

/**
 * Opens `failures.json`, and begins it anew when it is corrupt: it protects nothing that could be stolen.
 * @param directory `<data>/runtime`, made if it is not there; the data directory must be held
 * @throws StateReadError, StateWriteError, DocumentTooNewError
 */
export const openRuntimeHistory = async (
  directory: string,
  disk: DiskSteps = realDisk,
): Promise<OpenedDocument<RuntimeHistory>> => {
  await makeDirectoryDurably(directory, disk);
  return openDocument({
    path: join(directory, 'failures.json'),
    schema: runtimeHistory,
    version: 1,
    initial: { failures: [] },
    subject: 'runtime/failures',
    whenCorrupt: 'start-over',
    disk,
  });
};
