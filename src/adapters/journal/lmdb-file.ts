// A look at an LMDB file before it is opened: LMDB has no checksums, and lmdb-js 3.5.6 ends the whole process with SIGSEGV
// or SIGBUS on damage, or shows empty tables, where an owner needs a sentence.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { JournalError } from './journal-errors.js';
import { must, readTree, type Tree } from './lmdb-page.js';
import { checkTrees } from './lmdb-tree.js';

// MDB_meta of LMDB's format 2 (lmdb.c), after a page header of 24 bytes; little-endian where Node runs.
const META_BYTES = 160;
const MAGIC = { at: 24, value: 0xbeefc0de };
const VERSION = { at: 28, value: 2 };
const ADDRESS_AT = 32;
const MAP_SIZE_AT = 40;
const PAGE_SIZE_AT = 48;
const FREE_TREE_AT = 48;
const MAIN_TREE_AT = 96;
const LAST_PAGE_AT = 144;
const TXN_AT = 152;
/** Pages at the end may have been reserved and freed in one transaction, and never written. */
const UNWRITTEN_PAGES = 16;

interface Meta {
  readonly pageSize: number;
  readonly mapSize: bigint;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: bigint;
  readonly txn: bigint;
}

const readMeta = (fd: number, position: number): Meta => {
  const bytes = Buffer.alloc(META_BYTES);
  const isMeta =
    readSync(fd, bytes, 0, META_BYTES, position) === META_BYTES &&
    bytes.readUInt32LE(MAGIC.at) === MAGIC.value &&
    bytes.readUInt32LE(VERSION.at) === VERSION.value &&
    bytes.readBigUInt64LE(ADDRESS_AT) === 0n;
  must(isMeta, 'it is not an LMDB file of this format');
  return {
    pageSize: bytes.readUInt32LE(PAGE_SIZE_AT),
    mapSize: bytes.readBigUInt64LE(MAP_SIZE_AT),
    free: readTree(bytes.subarray(FREE_TREE_AT)),
    main: readTree(bytes.subarray(MAIN_TREE_AT)),
    lastPage: bytes.readBigUInt64LE(LAST_PAGE_AT),
    txn: bytes.readBigUInt64LE(TXN_AT),
  };
};

/** The younger of two heads. Transactions write them in turn, so they differ by one, unless none has been yet. */
const youngerOf = (first: Meta, second: Meta): Meta => {
  const isFresh = first.txn === 0n && second.txn === 0n;
  const inTurn = first.txn % 2n === 0n && (first.txn - second.txn === 1n || second.txn - first.txn === 1n);
  must(first.pageSize === second.pageSize && (isFresh || inTurn), 'its two heads contradict each other');
  return first.txn > second.txn ? first : second;
};

const checkOpen = (fd: number): void => {
  const { size } = fstatSync(fd);
  if (size === 0) return;
  const first = readMeta(fd, 0);
  const { pageSize } = first;
  must(pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0, 'its page size is none');
  const head = youngerOf(first, readMeta(fd, pageSize));
  const pages = Math.floor(size / pageSize);
  const isWhole = head.lastPage >= 1n && head.lastPage + 1n <= BigInt(pages + UNWRITTEN_PAGES);
  must(isWhole, `it is cut: ${pages} pages of ${head.lastPage + 1n}, or nearly as many`);
  const fits = head.mapSize % BigInt(pageSize) === 0n && head.mapSize > head.lastPage * BigInt(pageSize);
  must(fits, 'its size in memory cannot be');
  checkTrees({ ...head, lastPage: Number(head.lastPage) }, (page, count) => {
    must(page + count <= pages, `it is cut: page ${page} is missing`);
    const bytes = Buffer.allocUnsafe(count * pageSize);
    must(readSync(fd, bytes, 0, bytes.length, page * pageSize) === bytes.length, `page ${page} is cut`);
    return bytes;
  });
};

/**
 * Returns for a missing or empty file, or one whose newest snapshot holds together in every page but the values. Nobody
 * may write to it meanwhile. Synchronous: nothing else runs before the journal is open.
 * @throws JournalError not an LMDB file, cut short, or damaged; it is left as it is
 */
export const checkLmdbFile = (path: string): void => {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught && caught.code === 'ENOENT') return;
    throw caught;
  }
  try {
    checkOpen(fd);
  } catch (cause) {
    // A disk that does not answer says nothing of the file.
    if (!(cause instanceof Error) || 'code' in cause) throw cause;
    throw new JournalError(`the job journal ${path} is damaged: ${cause.message}`, {
      cause,
      advice:
        'Restore it from a backup, or move it aside and start again: what the network had not acknowledged is then lost.',
    });
  } finally {
    closeSync(fd);
  }
};
