// What a file of vectors looks like: plain JSON that any language can read, every vector with a name and a sentence.

export interface Vector {
  readonly name: string;
  /** What it shows, for somebody who implements the other side. */
  readonly about: string;
  /** Present where the input must be refused: the protocol's error code. */
  readonly refusal?: string;
  readonly [field: string]: unknown;
}

export interface VectorFile {
  readonly about: string;
  readonly vectors: readonly Vector[];
}
