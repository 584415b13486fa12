// One file from one source, as bytes with a known start. Whether they are the right ones is the caller's business.

/** What a source says to tell one content of a URL from another. Only strong ETags. */
export interface Validator {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface ResumePoint {
  /** Bytes held already, > 0. */
  readonly offset: number;
  readonly validator: Validator;
}

export interface FetchedFile {
  /** Position of the first byte: the offset asked for, or 0 where the source starts over. */
  readonly start: number;
  /** Undefined: this download cannot be resumed. */
  readonly validator: Validator | undefined;
  /** Ends early, or throws {@link SourceError}, when the source breaks off. Leaving the loop closes the source. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface ModelFetcher {
  /**
   * @param sizeBytes size of the whole file by the manifest; a source that announces another is refused
   * @throws SourceError
   */
  open(
    url: URL,
    sizeBytes: number,
    resume: ResumePoint | undefined,
    signal: AbortSignal,
  ): Promise<FetchedFile>;
}

export type SourceFault =
  | 'unreachable'
  | 'refused'
  | 'redirect'
  | 'wrong_length'
  | 'encoded'
  | 'stalled'
  | 'cut'
  | 'wrong_bytes'
  | 'not_a_file';

/** Why one source gave no file. Stays in this room: the store tries the next source. */
export class SourceError extends Error {
  constructor(
    readonly fault: SourceFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
