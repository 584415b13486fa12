// What a transaction has written so far, kept in memory until its work is done: LMDB cannot undo one piece of work
// inside a batch, so nothing reaches it before the work has returned.
import type { RangeOptions } from './range-options.js';

/** A removed record. */
const GONE = Symbol('gone');

type Pair = readonly [key: string, value: unknown];

export class Overlay {
  readonly #changes = new Map<string, unknown>();

  has(key: string): boolean {
    return this.#changes.has(key);
  }

  /** The value written under a key that {@link has} a change; undefined when it was removed. */
  get(key: string): unknown {
    const value = this.#changes.get(key);
    return value === GONE ? undefined : value;
  }

  put(key: string, value: unknown): void {
    this.#changes.set(key, value);
  }

  remove(key: string): void {
    this.#changes.set(key, GONE);
  }

  /** Hands every change over, in the order of first writing. */
  apply(put: (key: string, value: unknown) => void, remove: (key: string) => void): void {
    for (const [key, value] of this.#changes) {
      if (value === GONE) remove(key);
      else put(key, value);
    }
  }

  /** `base` (already in order and inside the range, without a limit) with the changes woven in, still in order. */
  *weave(base: Iterable<Pair>, options: RangeOptions): Iterable<Pair> {
    const direction = options.reverse === true ? -1 : 1;
    const order = (one: string, other: string) => direction * compareBytes(one, other);
    const changed = [...this.#changes]
      .filter(([key]) => isWithin(key, options, order))
      .sort(([one], [other]) => order(one, other));
    let next = 0;
    for (const pair of base) {
      for (; next < changed.length; next++) {
        const change = changed[next];
        if (change === undefined || order(change[0], pair[0]) >= 0) break;
        if (change[1] !== GONE) yield change;
      }
      if (!this.#changes.has(pair[0])) yield pair;
    }
    for (const change of changed.slice(next)) if (change[1] !== GONE) yield change;
  }
}

/** LMDB's order of keys: by their UTF-8 bytes. */
const compareBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

const isWithin = (
  key: string,
  { start, end, exclusiveStart = false }: RangeOptions,
  order: (a: string, b: string) => number,
): boolean =>
  (start === undefined || order(key, start) >= (exclusiveStart ? 1 : 0)) &&
  (end === undefined || order(key, end) < 0);
