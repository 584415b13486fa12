// Tables in LMDB. The only file that imports `lmdb`.
//
// `overlappingSync: false`: a commit's promise then resolves after the flush, and a failed flush rejects it. With
// lmdb-js' default it resolves before the flush, and the separate `flushed` promise cannot report a failure.
// `eventTurnBatching: false`: its own batch around ours leaves a rejection nobody can catch when a commit fails.
// Writes go through `batch`, grouped by us, for lmdb-js' `transaction(callback)` stays pending on Node 20.20.

import { dirname } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { z } from 'zod';
import { adviceFor, systemCode } from '../state/state-errors.js';
import { type DiskSpace, diskSpaceOf, fits, fullDisk } from './journal-disk.js';
import { JOURNAL_ADVICE, JournalError } from './journal-errors.js';
import { type Change, type JournalStore, type ScanOptions, TABLES, type TableName } from './journal-store.js';
import { commitCause } from './lmdb-failure.js';
import { treeStats } from './lmdb-stats.js';
import { mustBeWritable, tryDisk } from './try-disk.js';

type Table = Database<Buffer, Buffer>;

/** Byte for byte: what a disk made of a key is still a key, of which lmdb-js' own encoding makes numbers and lists. */
const keyBytes = (key: string): Buffer => Buffer.from(key, 'latin1');

export interface LmdbPlace {
  readonly path: string;
  /** Whether `path` is the file itself, not its directory. */
  readonly isFile: boolean;
  /** Of the file system of `path`. */
  readonly space?: (path: string) => DiskSpace | undefined;
}

export class LmdbStore implements JournalStore {
  readonly #place: LmdbPlace;
  readonly #tables = new Map<TableName, Table>();
  /** Undefined once closed, and where it could not be opened again after a failure. */
  #root: RootDatabase | undefined;
  #isClosed = false;
  /** Opened for what can be read of it, where it cannot be written. */
  #isReadOnly = false;
  /** The last write did not succeed: the next one waits until the disk has taken another. */
  #hasFailed = false;

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

  space(): DiskSpace | undefined {
    const { path, space = diskSpaceOf } = this.#place;
    return space(path);
  }

  async commit(changes: readonly Change[]): Promise<void> {
    try {
      if ((this.#root === undefined || this.#isReadOnly) && !this.#isClosed) await this.#openAgain();
      mustBeWritable(this.#directory);
      this.#checkRoom(changes);
      if (this.#hasFailed) await tryDisk(this.#directory);
      this.#hasFailed = true;
      await this.#write(changes);
      this.#hasFailed = false;
    } catch (caught) {
      const cause = await commitCause(caught);
      await this.#recover();
      const code = systemCode(cause);
      throw new JournalError(`the job journal could not be written${code === undefined ? '' : `: ${code}`}`, {
        cause,
        // LMDB says EIO of a write that was cut short as well: a disk, or a limit, that took a part of it.
        advice: code === undefined || code === 'EIO' ? JOURNAL_ADVICE : adviceFor(cause),
      });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const root = this.#root;
    this.#root = undefined;
    await root?.close();
  }

  get #directory(): string {
    return this.#place.isFile ? dirname(this.#place.path) : this.#place.path;
  }

  #open(readOnly = false): void {
    const { path, isFile } = this.#place;
    const root = open({
      path,
      noSubdir: isFile,
      readOnly,
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
    this.#isReadOnly = readOnly;
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

  #checkRoom(changes: readonly Change[]): void {
    const added = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    const taken = () => changes.reduce((sum, { table, key }) => sum + (this.get(table, key)?.length ?? 0), 0);
    if (!fits({ changes: changes.length, added, taken }, this.space())) throw fullDisk();
  }

  /** After a failed write of its head LMDB refuses everything until it is opened anew. */
  async #recover(): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.#root?.resetReadTxn();
      this.get('meta', 'any');
      return;
    } catch {
      // What the reading says was said by the writing.
    }
    try {
      await this.#openAgain();
    } catch {
      // The next commit tries again; what can be read until then is.
      await this.#openAgain(true).catch(() => undefined);
    }
  }

  async #openAgain(readOnly = false): Promise<void> {
    const broken = this.#root;
    this.#root = undefined;
    await broken?.close().catch(() => undefined);
    this.#open(readOnly);
  }
}
