// Keys that move through time wherever the reader is in the inspector, but not where a key means something else.
import type { InspectorState } from '../inspector-state.js';

/** Controls in which arrows mean something else. */
const OWN_ARROWS = 'input:not([type="range"]), select, textarea';
/** Controls that space works. */
const OWN_SPACE = `${OWN_ARROWS}, button, a, [role="treeitem"]`;

const WAYS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** @returns whether the key was taken */
export const timelineKey = (event: KeyboardEvent, inspector: InspectorState): boolean => {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const isOn = (controls: string) => event.target instanceof Element && event.target.matches(controls);
  const way = WAYS[event.key];
  if (way !== undefined && !isOn(OWN_ARROWS)) {
    inspector.stepBy(event.shiftKey ? way * 10 : way);
    return true;
  }
  if (event.key === ' ' && !isOn(OWN_SPACE)) {
    inspector.togglePause();
    return true;
  }
  return false;
};
