// What the verbs of several subjects share: names, and lists that are read in pages.
import { z } from 'zod';
import { count } from '../../../protocol/primitives.js';

export const none = z.strictObject({});
export const name = z.string().min(1).max(64);

/** Rows of one answer. */
export const limit = count.min(1).max(10_000).default(50);
/** Lists that were whole before they had pages: the commands show all of it, unless there is very much. */
export const wholeLimit = count.min(1).max(10_000).default(10_000);
/** Where the next page goes on: `null` is the last one. */
export const next = z.string().nullable();
