// Long names, short enough for a table and long enough to tell them apart.
import { formatCredits } from '../../../src/network/admin/credits.js';

/** `0x1234…abcd`. */
export const shortNode = (node: string): string =>
  node.length > 14 ? `${node.slice(0, 6)}…${node.slice(-4)}` : node;

/** The end of a ULID: its beginning is the time, alike for all of a morning. */
export const shortId = (id: string): string => `…${id.slice(-8)}`;

/** `0.0042`. @param micro micro-credits as the ledger writes them */
export const credits = (micro: string): string => formatCredits(BigInt(micro));
