// One small typed document on disk and in memory, the two never different for longer than a write takes. lowdb keeps
// the model; the adapter below gives it what it lacks: fsync, checksum, version, a previous copy.
import { type Adapter, Low } from 'lowdb';
import { realDisk } from './disk-steps.js';
import { encodeDocument, type Stored } from './document-file.js';
import { backupPath } from './document-migration.js';
import { type DocumentOptions, look, previousPath, type Recovery, recover } from './document-recovery.js';
import { sweepLeftovers, writeFileDurably } from './durable-file.js';

export interface DocumentStore<T> {
  /** What is on disk. Never changes under its reader: an update puts a new value in its place. */
  readonly data: T;
  /**
   * Applies `change` to a copy, checks it against the schema, and resolves with it once it is on disk. Updates run one
   * after the other. @throws StateWriteError; memory then equals what the disk holds
   */
  update(change: (draft: T) => T | undefined): Promise<T>;
}

export interface OpenedDocument<T> {
  readonly store: DocumentStore<T>;
  readonly recovered: Recovery;
  /** Names of corrupt files that were moved out of the way. */
  readonly kept: readonly string[];
}

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
export const openDocument = async <T>(options: DocumentOptions<T>): Promise<OpenedDocument<T>> => {
  const { path, schema, version, subject, disk = realDisk } = options;
  const olderVersions = Array.from({ length: version - 1 }, (_, at) => backupPath(path, at + 1));
  for (const file of [path, previousPath(path), ...olderVersions]) await sweepLeftovers(file, disk);
  const { stored: found, recovered, kept } = await recover(options);
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
  return { store, recovered, kept };
};
