// One page of an LMDB file, read without trust: what it says of itself must fit before any of it is used.
// Source: MDB_page, MDB_node and MDB_db in lmdb.c of lmdb-js 3.5.6, format 2, 64-bit little-endian.

/** MDB_db: a tree as its head or its parent describes it. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: bigint;
  readonly leafPages: bigint;
  readonly overflowPages: bigint;
  readonly entries: bigint;
  readonly root: bigint;
}

export interface Node {
  readonly flags: number;
  readonly key: Buffer;
  /** Of a leaf: the value, or the 24 bytes that tell where it lies. */
  readonly data: Buffer;
  /** Of a leaf: length of the value, wherever it lies. */
  readonly size: number;
  /** Of a branch: the page below. */
  readonly child: bigint;
}

export const PAGE_HEADER_BYTES = 24;
export const TREE_BYTES = 48;
export const PageKind = { branch: 1, leaf: 2, overflow: 4 } as const;
export const NodeKind = { plain: 0, overflow: 1, table: 2 } as const;
const NODE_HEADER_BYTES = 8;
const OVERFLOW_POINTER_BYTES = 24;

/** @throws Error with these words */
export const must = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise);
};

export const readTree = (bytes: Buffer): Tree => ({
  flags: bytes.readUInt16LE(4),
  depth: bytes.readUInt16LE(6),
  branchPages: bytes.readBigUInt64LE(8),
  leafPages: bytes.readBigUInt64LE(16),
  overflowPages: bytes.readBigUInt64LE(24),
  entries: bytes.readBigUInt64LE(32),
  root: bytes.readBigUInt64LE(40),
});

/** @param lastTxn transaction of the snapshot: no page of it is younger */
export const readHeader = (bytes: Buffer, page: number, lastTxn: bigint): { kind: number; txn: bigint } => {
  must(bytes.readBigUInt64LE(0) === BigInt(page), `page ${page} bears another number`);
  const txn = bytes.readBigUInt64LE(8);
  must(txn >= 1n && txn <= lastTxn, `page ${page} is of a transaction that never was`);
  return { kind: bytes.readUInt16LE(18), txn };
};

const readNode = (bytes: Buffer, at: number, isLeaf: boolean): Node => {
  const [low, high, flags, keyBytes] = [0, 2, 4, 6].map((part) => bytes.readUInt16LE(at + part)) as [
    number,
    number,
    number,
    number,
  ];
  const size = low + high * 0x1_0000;
  const inPage = !isLeaf ? 0 : flags === NodeKind.overflow ? OVERFLOW_POINTER_BYTES : size;
  const dataAt = at + NODE_HEADER_BYTES + keyBytes;
  must(dataAt + inPage <= bytes.length, 'a node is longer than its page');
  return {
    flags: isLeaf ? flags : NodeKind.plain,
    key: bytes.subarray(at + NODE_HEADER_BYTES, dataAt),
    data: bytes.subarray(dataAt, dataAt + inPage),
    size,
    child: BigInt(size) + BigInt(flags) * 0x1_0000_0000n,
  };
};

/** The nodes of a branch or leaf, in the order of their keys. They must fill the page's upper part without a gap. */
export const readNodes = (bytes: Buffer, page: number, isLeaf: boolean): readonly Node[] => {
  const [lower, upper] = [bytes.readUInt16LE(20), bytes.readUInt16LE(22)];
  const room = bytes.length - PAGE_HEADER_BYTES;
  const isSound = lower >= 2 && lower % 2 === 0 && lower <= upper && upper < room;
  must(isSound, `page ${page} has no sound bounds`);
  const spans: { readonly from: number; readonly to: number }[] = [];
  const nodes: Node[] = [];
  for (let slot = 0; slot < lower; slot += 2) {
    const from = bytes.readUInt16LE(PAGE_HEADER_BYTES + slot);
    must(from >= upper && from + NODE_HEADER_BYTES <= room, `a node lies outside of page ${page}`);
    const node = readNode(bytes, PAGE_HEADER_BYTES + from, isLeaf);
    const length = NODE_HEADER_BYTES + node.key.length + node.data.length;
    spans.push({ from, to: from + length + (length & 1) });
    nodes.push(node);
  }
  spans.sort((a, b) => a.from - b.from);
  const isTiled =
    spans[0]?.from === upper && spans.every(({ to }, at) => to === (spans[at + 1]?.from ?? room));
  must(isTiled, `the nodes of page ${page} do not fill it`);
  return nodes;
};
