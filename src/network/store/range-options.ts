// Which part of a table is read, and in which direction.

export interface RangeOptions {
  readonly start?: string;
  readonly end?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}
