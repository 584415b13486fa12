// What LMDB tells of a table's size.
import { z } from 'zod';
import { count } from '../../protocol/primitives.js';

/** MDB_stat, of which lmdb-js has no type. */
export const treeStats = z.object({
  pageSize: count,
  entryCount: count,
  treeBranchPageCount: count,
  treeLeafPageCount: count,
  overflowPages: count,
});
