// Which part of a table is read, and in which direction.

export interface RangeOptions {
  readonly start?: string;
  readonly end?: string;
  /** `start` itself is left out: how a page goes on behind the last key of the one before. */
  readonly exclusiveStart?: boolean;
  readonly limit?: number;
  readonly reverse?: boolean;
}
