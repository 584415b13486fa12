// Whether the trees of an LMDB snapshot hold together. LMDB believes every page number and length it reads: one flipped
// bit may end the process, make a table look empty, or give a page in use away.
import {
  must,
  type Node,
  NodeKind,
  PAGE_HEADER_BYTES,
  PageKind,
  readHeader,
  readNodes,
  readTree,
  TREE_BYTES,
  type Tree,
} from './lmdb-page.js';

export interface Snapshot {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly txn: bigint;
  /** Pages free to be used again, by the transaction that freed them. */
  readonly free: Tree;
  /** The named tables. */
  readonly main: Tree;
}

/** Reads whole pages from the file. @throws where they are not all there */
export type ReadPages = (first: number, pages: number) => Buffer;

/** What a tree may hold, and in which order. */
interface Shape {
  readonly compare: (a: Buffer, b: Buffer) => number;
  readonly allows: (node: Node) => boolean;
  readonly visit?: (node: Node, value: () => Buffer) => void;
}

const NO_PAGE = 2n ** 64n - 1n;
/** MDB_INTEGERKEY, for free pages are listed under the number of a transaction; and MDB_NOSUBDIR, of how it was made. */
const FREE_FLAGS = [0x8, 0x4008];

const byNumber = (a: Buffer, b: Buffer): number => {
  const difference = a.readBigUInt64LE(0) - b.readBigUInt64LE(0);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
const holdsValue = ({ flags }: Node): boolean => flags === NodeKind.plain || flags === NodeKind.overflow;

class TreeCheck {
  readonly #snapshot: Snapshot;
  readonly #readPages: ReadPages;
  readonly #taken: Uint8Array;
  #youngest = 0n;

  constructor(snapshot: Snapshot, readPages: ReadPages) {
    this.#snapshot = snapshot;
    this.#readPages = readPages;
    this.#taken = new Uint8Array(snapshot.lastPage + 1);
  }

  /** Transaction of the youngest page. */
  get youngest(): bigint {
    return this.#youngest;
  }

  /** Gives pages to whoever names them first. */
  take(first: bigint, pages: bigint): number {
    const isInside = first >= 2n && pages >= 1n && first + pages - 1n <= BigInt(this.#snapshot.lastPage);
    must(isInside, 'a page number leads out of the file');
    const from = Number(first);
    const to = from + Number(pages);
    must(!this.#taken.subarray(from, to).includes(1), `page ${from} has two owners`);
    this.#taken.fill(1, from, to);
    return from;
  }

  walk(tree: Tree, flags: readonly number[], shape: Shape): void {
    const seen = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n };
    const overflowValue = ({ data, size }: Node): (() => Buffer) => {
      const pages = BigInt(Math.floor((PAGE_HEADER_BYTES - 1 + size) / this.#snapshot.pageSize) + 1);
      must(data.readBigUInt64LE(16) === pages, 'a long value has another length');
      const page = this.take(data.readBigUInt64LE(0), pages);
      seen.overflowPages += pages;
      const bytes = this.#readPages(page, 1);
      const { kind, txn } = readHeader(bytes, page, this.#snapshot.txn);
      const isRight = kind === PageKind.overflow && txn === data.readBigUInt64LE(8);
      must(isRight && BigInt(bytes.readUInt32LE(20)) === pages, `page ${page} is not the long value meant`);
      return () => this.#readPages(page, Number(pages)).subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + size);
    };

    const descend = (
      number: bigint,
      depth: number,
      low: Buffer | undefined,
      high: Buffer | undefined,
    ): void => {
      const isLeaf = depth === tree.depth;
      const page = this.take(number, 1n);
      const bytes = this.#readPages(page, 1);
      const { kind, txn } = readHeader(bytes, page, this.#snapshot.txn);
      if (txn > this.#youngest) this.#youngest = txn;
      must(kind === (isLeaf ? PageKind.leaf : PageKind.branch), `page ${page} is of another kind`);
      const nodes = readNodes(bytes, page, isLeaf);
      for (const node of nodes)
        must(!isLeaf || shape.allows(node), `page ${page} holds what its table cannot`);
      // The first key of a branch is left out: it would be the page's own lower bound.
      const keys = nodes.map(({ key }, at) => (isLeaf || at > 0 ? key : low));
      for (const [at, key] of keys.entries()) {
        if (key === undefined) continue;
        const before = at > 0 ? keys[at - 1] : undefined;
        const isOrdered =
          (before === undefined || shape.compare(before, key) < 0) &&
          (low === undefined || shape.compare(low, key) <= 0) &&
          (high === undefined || shape.compare(key, high) < 0);
        must(isOrdered, `the keys of page ${page} are out of order`);
      }
      if (isLeaf) {
        seen.leafPages += 1n;
        seen.entries += BigInt(nodes.length);
        for (const node of nodes) {
          const value = node.flags === NodeKind.overflow ? overflowValue(node) : () => node.data;
          shape.visit?.(node, value);
        }
      } else {
        seen.branchPages += 1n;
        for (const [at, { child }] of nodes.entries())
          descend(child, depth + 1, keys[at], keys[at + 1] ?? high);
      }
    };

    must(flags.includes(tree.flags), 'a table has become another kind of table');
    must((tree.root === NO_PAGE) === (tree.depth === 0), 'a table has lost its root');
    if (tree.root !== NO_PAGE) descend(tree.root, 1, undefined, undefined);
    const counts = ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const;
    must(
      counts.every((count) => seen[count] === tree[count]),
      'a table does not hold what it counts',
    );
  }
}

/**
 * Pages of one list: a count, then numbers; a negative one says how many pages begin at the next, 0 is nothing
 * (midl.c of lmdb-js).
 */
const freePages = function* (list: Buffer): Generator<{ readonly first: bigint; readonly pages: bigint }> {
  const numbers = BigInt(Math.floor(list.length / 8)) - 1n;
  const count = numbers < 0n ? -1n : list.readBigUInt64LE(0);
  must(count >= 0n && count <= numbers, 'a list of free pages is longer than its place');
  let pages = 1n;
  for (let at = 1; at <= Number(count); at++) {
    const number = list.readBigInt64LE(at * 8);
    if (number < 0n) pages = -number;
    else {
      if (number > 0n) yield { first: number, pages };
      pages = 1n;
    }
  }
};

/** Reads every page that leads to others. @throws Error in words, at the first thing that does not fit */
export const checkTrees = (snapshot: Snapshot, readPages: ReadPages): void => {
  const check = new TreeCheck(snapshot, readPages);
  const lists: (() => Buffer)[] = [];
  check.walk(snapshot.free, FREE_FLAGS, {
    compare: byNumber,
    allows: (node) => node.key.length === 8 && holdsValue(node),
    visit: (_node, value) => lists.push(value),
  });
  const tables: Tree[] = [];
  check.walk(snapshot.main, [0], {
    compare: Buffer.compare,
    allows: ({ flags, size }) => flags === NodeKind.table && size === TREE_BYTES,
    visit: (_node, value) => tables.push(readTree(value())),
  });
  for (const table of tables) check.walk(table, [0], { compare: Buffer.compare, allows: holdsValue });
  // Every transaction leaves a page of its own: a head without one is an old head in a younger one's clothes.
  must(check.youngest === snapshot.txn || tables.length === 0, 'its newest transaction has left no page');
  for (const list of lists) for (const { first, pages } of freePages(list())) check.take(first, pages);
};
