// The small files beside the segments: what a sealed one is, and where the current one begins. A changed digit in them
// would be another number, so each carries a checksum; those of an older node have none.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { count, digest, ulid } from '../../protocol/primitives.js';

const checksum = digest.optional();

export const sealedFacts = z.strictObject({
  report: ulid,
  firstLine: count,
  lines: count,
  bytes: count,
  sha256: digest,
  previous: digest.nullable(),
  checksum,
});

/** Kept apart, for the sealed segments may all have been delivered and removed. */
export const positionFacts = z.strictObject({ firstLine: count, previous: digest.nullable(), checksum });
export type Position = Omit<z.infer<typeof positionFacts>, 'checksum'>;

const MAX_FACTS_BYTES = 4096;

/** Whatever order they are in: parsing keeps the schema's, writing the writer's. */
const checksumOf = (facts: object): string => {
  const entries = Object.entries(facts).sort(([one], [other]) => (one < other ? -1 : 1));
  return `sha256:${createHash('sha256').update(JSON.stringify(entries)).digest('hex')}`;
};

/** @returns undefined where the file is missing, unreadable or not what was written */
export const readFacts = <T extends { checksum?: string | undefined }>(
  path: string,
  shape: z.ZodType<T>,
): Omit<T, 'checksum'> | undefined => {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_FACTS_BYTES) return undefined;
    const { checksum: written, ...facts } = shape.parse(JSON.parse(text));
    return written === undefined || written === checksumOf(facts) ? facts : undefined;
  } catch {
    return undefined;
  }
};

/** @throws whatever the file system throws; the file is then as it was */
export const writeFacts = (path: string, facts: object): void => {
  const text = JSON.stringify({ ...facts, checksum: checksumOf(facts) });
  writeFileSync(`${path}.tmp`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.tmp`, path);
};
