// Keys that move through time wherever the reader is in the inspector, but not where a key means something else.
import type { InspectorState } from '../inspector-state.js';

/** Controls that use arrows or space themselves. */
const OWN_KEYS = 'input:not([type="range"]), select, textarea, button, a, [contenteditable]';

/** @returns whether the key was taken */
export const timelineKey = (event: KeyboardEvent, inspector: InspectorState): boolean => {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const isStep = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
  if (event.target instanceof Element && event.target.matches(OWN_KEYS)) return false;
  if (isStep) {
    const way = event.key === 'ArrowLeft' ? -1 : 1;
    inspector.stepBy(event.shiftKey ? way * 10 : way);
    return true;
  }
  if (event.key === ' ') {
    inspector.togglePause();
    return true;
  }
  if (event.key === 'Home' || event.key === 'End') {
    inspector.stepBy(event.key === 'Home' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    return true;
  }
  return false;
};
