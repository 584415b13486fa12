// The network's log on this node: NDJSON in segments. The current one grows, sealed ones wait for the network's signed
// receipt and are deleted only then.
export interface SealedReport {
  /** ULID, given when sealed; an upload is always repeated under the same id. */
  readonly report: string;
  /** Number of the first line since the log began; later segments continue the count. */
  readonly firstLine: number;
  readonly lines: number;
  readonly bytes: number;
  /** SHA-256 of the segment's bytes, `sha256:…`. */
  readonly sha256: string;
  /** `sha256` of the segment before this one, or null. */
  readonly previous: string | null;
}

export interface ReportLog {
  /** One line of JSON without its line feed; never throws: a lost line is counted and reported as a gap record. */
  write(line: string): void;
  currentBytes(): number;
  /** Whether the current segment tells of more than the delivery of reports, which would have no end of them. */
  hasNews(): boolean;
  /** Seals the current segment if it has lines; undefined if there is nothing to seal. */
  seal(): Promise<SealedReport | undefined>;
  /** Sealed and not removed, oldest first. */
  sealed(): readonly SealedReport[];
  /** The current segment is sealed by itself when it reaches so many bytes; from the next line on. */
  sealAt(bytes: number): void;
  /**
   * Brings a sealed segment and its id to the disk: before the network hears of the id, so that no power cut can give
   * the same lines another one.
   */
  secure(report: string): Promise<void>;
  /** Bytes `offset` to `offset + length` of a sealed segment. */
  read(report: string, offset: number, length: number): Promise<Uint8Array>;
  remove(report: string): Promise<void>;
  /** Removes a segment the network will never take, and tells of its lines by a gap record. */
  giveUp(report: string): void;
  close(): Promise<void>;
}
