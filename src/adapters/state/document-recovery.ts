// How a document is found on disk: whole, of an older version, damaged with a whole copy before it, or not at all; and how
// the disk is left, so that the next start finds the same.
import { basename, join, parse } from 'node:path';
import { ulid } from 'ulid';
import { z } from 'zod';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { decodeDocument, encodeDocument, MAX_DOCUMENT_BYTES, type Stored } from './document-file.js';
import { backupPath, type Migrations, migrate, refuseNewer } from './document-migration.js';
import { readIfThere, writeFileDurably } from './durable-file.js';
import { DocumentCorruptError } from './state-errors.js';

export interface DocumentOptions<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** Of the schema; a document with a higher one is refused, one with a lower one is migrated. */
  readonly version: number;
  readonly migrations?: Migrations;
  readonly initial: T;
  /** Whose document it is, e.g. `devnet/floor`. */
  readonly subject: string;
  /** What to do when neither the file nor its previous copy is whole: throw (the default), or set both aside. */
  readonly whenCorrupt?: 'refuse' | 'start-over';
  readonly disk?: DiskSteps;
}

/**
 * How the document was found: `whole`; `fresh` (there was none); `previous` (the file was corrupt or gone and the copy
 * before it was taken); `quarantined` (nothing was whole, so it begins at `initial`); `migrated` (it was of an older
 * version, whose bytes are kept as `<name>.v<version>.json`); `rebuilt` (its caller made it anew from something else).
 * Corrupt files are kept as `<name>.corrupt-<ulid>`.
 */
export type Recovery = 'whole' | 'fresh' | 'previous' | 'quarantined' | 'migrated' | 'rebuilt';

export const previousPath = (path: string): string => {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.previous${ext}`);
};

type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'corrupt'; readonly why: string }
  | { readonly kind: 'whole'; readonly stored: Stored; readonly older?: Older };

/** As it lay on disk before it was migrated. */
interface Older {
  readonly version: number;
  readonly bytes: Buffer;
}

export const look = async <T>(path: string, options: DocumentOptions<T>): Promise<Found> => {
  const bytes = await readIfThere(path, MAX_DOCUMENT_BYTES);
  if (bytes === undefined) return { kind: 'absent' };
  const stored = decodeDocument(bytes);
  if (typeof stored === 'string') return { kind: 'corrupt', why: stored };
  if (stored.subject !== options.subject) {
    return { kind: 'corrupt', why: `it is the document '${stored.subject}', not '${options.subject}'` };
  }
  const { version, migrations = {} } = options;
  refuseNewer(path, stored, version, options.path);
  const data = migrate(path, stored, version, migrations);
  const parsed = options.schema.safeParse(data);
  if (!parsed.success) return { kind: 'corrupt', why: z.prettifyError(parsed.error) };
  const whole = { kind: 'whole', stored: { ...stored, version, data: parsed.data } } as const;
  return stored.version === version ? whole : { ...whole, older: { version: stored.version, bytes } };
};

/** Moves a corrupt file out of the way without losing it. @returns the name it is kept under */
export const quarantine = async (path: string, disk: DiskSteps = realDisk): Promise<string> => {
  const kept = `${path}.corrupt-${ulid()}`;
  await disk.rename(path, kept);
  return basename(kept);
};

interface Recovered {
  readonly stored: Stored;
  readonly recovered: Recovery;
  /** Names of corrupt files that were moved out of the way. */
  readonly kept: readonly string[];
}

/** Keeps the older bytes first: a kill in between finds them in both places, and migrates again. */
const writeMigrated = async (path: string, stored: Stored, older: Older, disk: DiskSteps): Promise<void> => {
  await writeFileDurably(backupPath(path, older.version), older.bytes, { disk });
  await writeFileDurably(path, encodeDocument(stored), { disk });
};

/** Finds the newest whole copy, and leaves the disk so that the next start finds the same. */
export const recover = async <T>(options: DocumentOptions<T>): Promise<Recovered> => {
  const { path, version, subject, initial, disk = realDisk } = options;
  const fresh: Stored = { version, subject, data: initial };
  const current = await look(path, options);
  if (current.kind === 'whole') {
    const { stored, older } = current;
    if (older === undefined) return { stored, recovered: 'whole', kept: [] };
    await writeMigrated(path, stored, older, disk);
    return { stored, recovered: 'migrated', kept: [] };
  }
  const previous = await look(previousPath(path), options);
  if (previous.kind === 'whole') {
    const kept = current.kind === 'corrupt' ? [await quarantine(path, disk)] : [];
    const { stored, older } = previous;
    if (older === undefined) await writeFileDurably(path, encodeDocument(stored), { disk });
    else await writeMigrated(path, stored, older, disk);
    return { stored, recovered: 'previous', kept };
  }
  if (current.kind === 'absent' && previous.kind === 'absent')
    return { stored: fresh, recovered: 'fresh', kept: [] };
  if (options.whenCorrupt !== 'start-over') {
    const why =
      current.kind === 'corrupt' ? current.why : 'the file is gone and its previous copy is corrupt';
    throw new DocumentCorruptError(`${path} is corrupt: ${why}`, {
      advice: `Restore ${path} from a backup. To give up what it held, move it and ${previousPath(path)} away.`,
      details: { path },
    });
  }
  const kept: string[] = [];
  if (current.kind === 'corrupt') kept.push(await quarantine(path, disk));
  if (previous.kind === 'corrupt') kept.push(await quarantine(previousPath(path), disk));
  return { stored: fresh, recovered: 'quarantined', kept };
};
