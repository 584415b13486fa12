// What a proxy does to the bytes of one direction. The toxics of Toxiproxy, which neither Debian nor npm has, and one more.

/** At least the first, at most the second; drawn per connection from the seed. */
export type Range = readonly [number, number];

export interface Weather {
  /** Every byte comes later by so much; milliseconds. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** Packets of one to so many bytes, a millisecond apart. */
  readonly sliceBytes?: number;
  /** A black hole: nothing comes through, neither bytes nor the news that a side has hung up. */
  readonly isHeld?: boolean;
  /** The connection is closed in order after so many bytes: whatever was under way is truncated. */
  readonly limitData?: Range;
  /** Reset after so many bytes. */
  readonly resetAfter?: Range;
  /** One bit turns over in so many bytes, again and again. */
  readonly corruptEvery?: Range;
  /** The far side learns so much later that this one has hung up; milliseconds. */
  readonly slowCloseMs?: number;
}

export type Random = (below: number) => number;

export const draw = ([least, most]: Range, random: Random): number => least + random(most - least + 1);
