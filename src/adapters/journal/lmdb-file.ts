// A look at an LMDB file before it is opened: lmdb-js 3.5.6 ends the whole process with SIGSEGV on a file that is not
// LMDB's and with SIGBUS on one that has been cut, where an owner needs a sentence.
import { open } from 'node:fs/promises';
import { JournalError } from './journal-errors.js';

// MDB_meta of LMDB's format 2 (lmdb.c), after a page header of 24 bytes; little-endian where Node runs.
const META_BYTES = 160;
const MAGIC = { at: 24, value: 0xbeefc0de };
const VERSION = { at: 28, value: 2 };
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TXN_AT = 152;
/** Pages at the end may have been reserved and freed in one transaction, and never written. */
const UNWRITTEN_PAGES = 16;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly txn: bigint;
}

/**
 * Returns for a missing or empty file, or one with two good heads and all its pages.
 * @throws JournalError not an LMDB file, or cut short; it is left as it is
 */
export const checkLmdbFile = async (path: string): Promise<void> => {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    if (size === 0) return;
    const readMeta = async (position: number): Promise<Meta> => {
      const bytes = Buffer.alloc(META_BYTES);
      const { bytesRead } = await file.read(bytes, 0, META_BYTES, position);
      const isMeta =
        bytesRead === META_BYTES &&
        bytes.readUInt32LE(MAGIC.at) === MAGIC.value &&
        bytes.readUInt32LE(VERSION.at) === VERSION.value;
      if (!isMeta) throw damaged(path, 'it is not an LMDB file of this format');
      return {
        pageSize: bytes.readUInt32LE(PAGE_SIZE_AT),
        lastPage: bytes.readBigUInt64LE(LAST_PAGE_AT),
        txn: bytes.readBigUInt64LE(TXN_AT),
      };
    };
    const first = await readMeta(0);
    const second = await readMeta(first.pageSize);
    const { lastPage, pageSize } = first.txn > second.txn ? first : second;
    const needed = (Number(lastPage) + 1 - UNWRITTEN_PAGES) * pageSize;
    if (size < needed) throw damaged(path, `it is cut: ${size} bytes of ${needed} or more`);
  } finally {
    await file.close();
  }
};

const damaged = (path: string, why: string): JournalError =>
  new JournalError(`the job journal ${path} is damaged: ${why}`, {
    advice:
      'Restore it from a backup, or move it aside and start again: what the network had not acknowledged is then lost.',
  });
