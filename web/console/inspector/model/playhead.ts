// Which moment is shown: the newest, as it comes, or one that was.
import type { Recording } from './recording.js';
import type { SequenceRow } from './sequence-rows.js';

/** `live` follows the feed; a number is the last record that counts. */
export type Playhead = 'live' | number;

/** The last record that counts; -1 where nothing was recorded. */
export const momentOf = (playhead: Playhead, recording: Recording): number => {
  const last = recording.records.at(-1)?.seq ?? -1;
  return playhead === 'live' ? last : Math.min(playhead, last);
};

/** Index of the last row at or before a moment; -1 before the first. */
export const rowIndexAt = (rows: readonly SequenceRow[], seq: number): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/**
 * So many rows on or back; stays within them. Back from the newest moment is the row before the newest one.
 * @param by negative is back
 */
export const step = (rows: readonly SequenceRow[], seq: number, by: number): number => {
  const index = rowIndexAt(rows, seq);
  const target = Math.min(Math.max(index + by, 0), rows.length - 1);
  return rows[target]?.seq ?? seq;
};
