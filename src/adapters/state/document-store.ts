// One small typed document on disk and in memory, the two never different for longer than a write takes. lowdb keeps
// the model; the adapter below gives it what it lacks: fsync, checksum, version, a previous copy.
import { join, parse } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import { ulid } from 'ulid';
import { z } from 'zod';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { decodeDocument, encodeDocument, MAX_DOCUMENT_BYTES, type Stored } from './document-file.js';
import { backupPath, type Migrations, migrate, refuseNewer } from './document-migration.js';
import { readIfThere, sweepLeftovers, writeFileDurably } from './durable-file.js';
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

export interface DocumentStore<T> {
  /** What is on disk. Never changes under its reader: an update puts a new value in its place. */
  readonly data: T;
  /**
   * Applies `change` to a copy, checks it against the schema, and resolves with it once it is on disk. Updates run one
   * after the other. @throws StateWriteError; memory then equals what the disk holds
   */
  update(change: (draft: T) => T | undefined): Promise<T>;
}

/**
 * How the document was found: `whole`; `fresh` (there was none); `previous` (the file was corrupt or gone and the copy
 * before it was taken); `quarantined` (nothing was whole, so it begins at `initial`); `migrated` (it was of an older
 * version, whose bytes are kept as `<name>.v<version>.json`). Corrupt files are kept as `<name>.corrupt-<ulid>`.
 */
export type Recovery = 'whole' | 'fresh' | 'previous' | 'quarantined' | 'migrated';

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

const look = async <T>(path: string, options: DocumentOptions<T>): Promise<Found> => {
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

/** Moves a corrupt file out of the way without losing it. */
const quarantine = async (path: string, disk: DiskSteps): Promise<void> =>
  disk.rename(path, `${path}.corrupt-${ulid()}`);

/** Keeps the older bytes first: a kill in between finds them in both places, and migrates again. */
const writeMigrated = async (path: string, stored: Stored, older: Older, disk: DiskSteps): Promise<void> => {
  await writeFileDurably(backupPath(path, older.version), older.bytes, { disk });
  await writeFileDurably(path, encodeDocument(stored), { disk });
};

/** Finds the newest whole copy, and leaves the disk so that the next start finds the same. */
const recover = async <T>(
  options: DocumentOptions<T>,
): Promise<{ readonly stored: Stored; readonly recovered: Recovery }> => {
  const { path, version, subject, initial, disk = realDisk } = options;
  const fresh: Stored = { version, subject, data: initial };
  const current = await look(path, options);
  if (current.kind === 'whole') {
    const { stored, older } = current;
    if (older === undefined) return { stored, recovered: 'whole' };
    await writeMigrated(path, stored, older, disk);
    return { stored, recovered: 'migrated' };
  }
  const previous = await look(previousPath(path), options);
  if (previous.kind === 'whole') {
    if (current.kind === 'corrupt') await quarantine(path, disk);
    const { stored, older } = previous;
    if (older === undefined) await writeFileDurably(path, encodeDocument(stored), { disk });
    else await writeMigrated(path, stored, older, disk);
    return { stored, recovered: 'previous' };
  }
  if (current.kind === 'absent' && previous.kind === 'absent') return { stored: fresh, recovered: 'fresh' };
  if (options.whenCorrupt !== 'start-over') {
    const why =
      current.kind === 'corrupt' ? current.why : 'the file is gone and its previous copy is corrupt';
    throw new DocumentCorruptError(`${path} is corrupt: ${why}`, {
      advice: `Restore ${path} from a backup. To give up what it held, move it and ${previousPath(path)} away.`,
      details: { path },
    });
  }
  if (current.kind === 'corrupt') await quarantine(path, disk);
  if (previous.kind === 'corrupt') await quarantine(previousPath(path), disk);
  return { stored: fresh, recovered: 'quarantined' };
};

/** Nobody changes a document but through `update`. */
const freezeDeeply = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freezeDeeply(part);
  }
  return value;
};

/**
 * Opens the document, or begins it at `initial` (written with the first update). The directory must exist, and the
 * caller must hold the data directory.
 * @throws DocumentCorruptError unless `whenCorrupt` is `start-over`; DocumentTooNewError; DocumentTooOldError;
 * StateReadError; StateWriteError
 */
export const openDocument = async <T>(
  options: DocumentOptions<T>,
): Promise<{ readonly store: DocumentStore<T>; readonly recovered: Recovery }> => {
  const { path, schema, version, subject, disk = realDisk } = options;
  const olderVersions = Array.from({ length: version - 1 }, (_, at) => backupPath(path, at + 1));
  for (const file of [path, previousPath(path), ...olderVersions]) await sweepLeftovers(file, disk);
  const { stored: found, recovered } = await recover(options);
  let isOnDisk = recovered !== 'fresh' && recovered !== 'quarantined';
  let data = freezeDeeply(schema.parse(found.data));

  const adapter: Adapter<Stored> = {
    read: async () => found,
    async write(next) {
      // From memory, not from the file: a file that rotted meanwhile must not become the copy to fall back on.
      if (isOnDisk)
        await writeFileDurably(previousPath(path), encodeDocument({ version, subject, data }), { disk });
      await writeFileDurably(path, encodeDocument(next), { disk });
    },
  };
  const low = new Low(adapter, found);
  await low.read();

  const write = async (next: T): Promise<T> => {
    low.data = { version, subject, data: next };
    try {
      await low.write();
      isOnDisk = true;
      data = freezeDeeply(next);
      return data;
    } catch (caught) {
      // Mostly the old bytes are still there. If only the directory's fsync failed, the new ones are: believe the disk.
      const now = await look(path, options).catch(() => undefined);
      if (now?.kind === 'whole') {
        isOnDisk = true;
        data = freezeDeeply(schema.parse(now.stored.data));
      }
      low.data = { version, subject, data };
      throw caught;
    }
  };

  const store: DocumentStore<T> = {
    get data() {
      return data;
    },
    update(change) {
      const turn = last.then(() => {
        const draft = structuredClone(data);
        const changed = change(draft);
        return write(schema.parse(changed === undefined ? draft : changed));
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
  let last: Promise<unknown> = Promise.resolve();
  return { store, recovered };
};
