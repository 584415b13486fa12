// Tables in LMDB. The only file that imports `lmdb`.
//
// `overlappingSync: false`: a commit's promise then resolves after the flush, and a failed flush rejects it. With
// lmdb-js' default it resolves before the flush, and the separate `flushed` promise cannot report a failure.
// `eventTurnBatching: false`: its own batch around ours leaves a rejection nobody can catch when a commit fails.
// Writes go through `batch`, grouped by us, for lmdb-js' `transaction(callback)` stays pending on Node 20.20.
import { statfsSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { count } from '../../protocol/primitives.js';
import { JournalError } from './journal-errors.js';
import { type Change, type JournalStore, type ScanOptions, TABLES, type TableName } from './journal-store.js';

type Table = Database<Buffer, Buffer>;

export const JOURNAL_ADVICE =
  'Check free space and permissions of the data directory. If the file is damaged, move it aside: results that were not acknowledged are then lost.';

/** Pages a commit may write beside its values: branches, free lists, old pages that are kept until the next one. */
const SPARE_BYTES = 64 * 4096;

/** Byte for byte: what a disk made of a key is still a key, of which lmdb-js' own encoding makes numbers and lists. */
const keyBytes = (key: string): Buffer => Buffer.from(key, 'latin1');

/** MDB_stat, of which lmdb-js has no type. */
const treeStats = z.object({
  pageSize: count,
  entryCount: count,
  treeBranchPageCount: count,
  treeLeafPageCount: count,
  overflowPages: count,
});

/** lmdb-js hangs the reason of a failed commit on the error as a promise, which rejects. */
const commitCause = async (caught: unknown): Promise<unknown> => {
  if (!(caught instanceof Error) || !('commitError' in caught)) return caught;
  return Promise.resolve(caught.commitError).catch((reason: unknown) => reason);
};

export interface LmdbPlace {
  readonly path: string;
  /** Whether `path` is the file itself, not its directory. */
  readonly isFile: boolean;
  /** Left to us on the file system of `path`. */
  readonly freeBytes?: (path: string) => number;
}

const freeBytesOf = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};

export class LmdbStore implements JournalStore {
  readonly #place: LmdbPlace;
  readonly #tables = new Map<TableName, Table>();
  /** Undefined once closed, and where it could not be opened again after a failure. */
  #root: RootDatabase | undefined;
  #isClosed = false;

  constructor(place: LmdbPlace) {
    this.#place = place;
    this.#open();
  }

  get(name: TableName, key: string): Uint8Array | undefined {
    return this.#table(name).get(keyBytes(key));
  }

  keys(name: TableName, { reverse = false, limit, before }: ScanOptions = {}): readonly string[] {
    const bound = before === undefined ? undefined : keyBytes(before);
    const found = this.#table(name).getKeys({
      reverse,
      ...(limit === undefined ? {} : { limit }),
      ...(bound === undefined ? {} : reverse ? { start: bound, exclusiveStart: true } : { end: bound }),
    });
    return Array.from(found, (key) => key.toString('latin1'));
  }

  count(name: TableName): number {
    return this.#stats(name).entryCount;
  }

  bytes(): number {
    let bytes = 0;
    for (const name of TABLES) {
      if (name === 'quarantine') continue;
      const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#stats(name);
      bytes += pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
    }
    return bytes;
  }

  async commit(changes: readonly Change[]): Promise<void> {
    try {
      if (this.#root === undefined && !this.#isClosed) this.#open();
      this.#checkRoom(changes);
      await this.#write(changes);
    } catch (caught) {
      const cause = await commitCause(caught);
      await this.#recover();
      throw new JournalError('the job journal could not be written', { cause, advice: JOURNAL_ADVICE });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const root = this.#root;
    this.#root = undefined;
    await root?.close();
  }

  #open(): void {
    const { path, isFile } = this.#place;
    const root = open({
      path,
      noSubdir: isFile,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: TABLES.length,
    });
    for (const name of TABLES) {
      this.#tables.set(
        name,
        root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }),
      );
    }
    this.#root = root;
  }

  #table(name: TableName): Table {
    const found = this.#tables.get(name);
    if (found !== undefined && this.#root !== undefined) return found;
    throw new JournalError(
      this.#isClosed ? 'the job journal is closed' : 'the job journal cannot be read since a write failed',
      { advice: JOURNAL_ADVICE },
    );
  }

  #stats(name: TableName): z.infer<typeof treeStats> {
    return treeStats.parse(this.#table(name).getStats());
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const root = this.#root;
    const writes: Promise<boolean>[] = [];
    const committed = root?.batch(() => {
      for (const { table: name, key, value } of changes) {
        const table = this.#table(name);
        const at = keyBytes(key);
        writes.push(
          value === undefined
            ? table.remove(at)
            : table.put(at, Buffer.from(value.buffer, value.byteOffset, value.byteLength)),
        );
      }
    });
    // Each write rejects by itself too when the commit fails; one nobody waits for would end the process.
    await Promise.all([committed, ...writes]);
  }

  /**
   * A full disk is refused before LMDB meets it: lmdb-js 3.5.6 writes its words on a failed write past the end of their
   * buffer, and that may end the process. What takes away more than it adds is let through: it makes room.
   * @throws an error as the system's, ENOSPC
   */
  #checkRoom(changes: readonly Change[]): void {
    const added = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    const { path, freeBytes = freeBytesOf } = this.#place;
    if (freeBytes(path) >= 2 * added + SPARE_BYTES) return;
    let taken = 0;
    for (const { table, key } of changes) taken += this.get(table, key)?.length ?? 0;
    if (taken > added) return;
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }

  /** After a failed write of its head LMDB refuses everything until it is opened anew. */
  async #recover(): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.get('meta', '');
      return;
    } catch {
      // What the reading says was said by the writing.
    }
    const broken = this.#root;
    this.#root = undefined;
    await broken?.close().catch(() => undefined);
    try {
      this.#open();
    } catch {
      // The next commit tries again.
    }
  }
}
