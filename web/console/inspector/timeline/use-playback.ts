// Plays what is recorded from the moment looked at, as fast as it happened, without its long pauses.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { InspectorState } from '../inspector-state.js';
import { rowIndexAt } from '../model/playhead.js';

/** Milliseconds between two rows: short enough to wait for, long enough to see. */
const SHORTEST = 120;
const LONGEST = 1_200;

export const usePlayback = (inspector: InspectorState) => {
  const isPlaying = useSignal(false);
  const moment = inspector.moment.value;
  const isLive = inspector.playhead.value === 'live';
  useEffect(() => {
    if (!isPlaying.value) return;
    const rows = inspector.rows.peek();
    const index = rowIndexAt(rows, moment);
    const next = rows[index + 1];
    if (isLive || next === undefined) {
      isPlaying.value = false;
      return;
    }
    const waitMs = next.atMs - (rows[index]?.atMs ?? next.atMs);
    const timer = setTimeout(() => inspector.stepBy(1), Math.min(Math.max(waitMs, SHORTEST), LONGEST));
    return () => clearTimeout(timer);
  }, [isPlaying.value, moment, isLive]);
  return {
    isPlaying: isPlaying.value,
    toggle: (): void => {
      isPlaying.value = !isPlaying.peek();
    },
  };
};
