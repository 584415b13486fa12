// How much a journal keeps, and what goes first when that is not enough:
// 1. what is past its time: results nobody took until they expired, attempts acknowledged a day ago (`prune`);
// 2. acknowledged attempts, oldest first: they only serve to answer a repeated offer.
// Never what the network is owed: an accepted attempt and its result stay until they expire. Where only such is left, no
// new attempt is taken. The result of one that was taken always is, so the bounds are passed by the work in hand at most.

const MIB = 1024 * 1024;

export interface JournalBounds {
  /** Results finished and not acknowledged. */
  readonly maxResults: number;
  /** Acknowledged attempts. */
  readonly maxRemembered: number;
  /** All tables but what was set aside as damaged. */
  readonly maxBytes: number;
}

/** Results and bytes: protocol.md, constants. Ten jobs a second are remembered for an hour and a half. */
export const DEFAULT_BOUNDS: JournalBounds = {
  maxResults: 1_000,
  maxRemembered: 50_000,
  maxBytes: 256 * MIB,
};

export interface JournalUsage {
  readonly results: number;
  readonly remembered: number;
  readonly bytes: number;
}

/** Whether acknowledged attempts must go before their day is over. */
export const mustForget = ({ remembered, bytes }: JournalUsage, bounds: JournalBounds): boolean =>
  remembered > bounds.maxRemembered || (bytes > bounds.maxBytes && remembered > 0);

/** Whether no more work can be taken: what is left is owed. */
export const isFull = ({ results, remembered, bytes }: JournalUsage, bounds: JournalBounds): boolean =>
  results >= bounds.maxResults || (bytes > bounds.maxBytes && remembered === 0);
