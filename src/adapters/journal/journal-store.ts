// Tables of bytes under ordered keys, changed all at once or not at all: what the journal needs of a database.

import type { DiskSpace } from './journal-disk.js';

export const TABLES = [
  /** Records without their request. Key: `job:attempt`. */
  'records',
  /** Requests of attempts that are not acknowledged. */
  'requests',
  /** Outputs of attempts that are not acknowledged. */
  'outputs',
  /** Index: not acknowledged, by time of acceptance. Value: one byte, the state. */
  'pending',
  /** Index: all, by time of acceptance. */
  'order',
  /** Index: acknowledged, by time of acknowledgement. */
  'concluded',
  /** The head of the chain of receipts. */
  'meta',
  /** Corrupt bytes as they were found, under their key. */
  'quarantine',
] as const;
export type TableName = (typeof TABLES)[number];

/** `value` undefined removes the key. */
export interface Change {
  readonly table: TableName;
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** What was found corrupt: its place, never its content. */
export interface CorruptEntry {
  readonly table: TableName;
  readonly key: string;
  readonly reason: string;
}

export interface ScanOptions {
  readonly reverse?: boolean;
  readonly limit?: number;
  /** Only keys below this one. */
  readonly before?: string;
}

/** Reads see what has been committed, and nothing of a commit that is under way. */
export interface JournalStore {
  get(table: TableName, key: string): Uint8Array | undefined;
  /** Keys in order; all taken at the moment of the call. */
  keys(table: TableName, options?: ScanOptions): readonly string[];
  /** Entries of a table. */
  count(table: TableName): number;
  /** Bytes all tables occupy, but the quarantine. */
  bytes(): number;
  /** Of the disk beneath; undefined where there is none, or it does not say. */
  space(): DiskSpace | undefined;
  /** Resolves once all changes are on disk; one call at a time. */
  commit(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}
