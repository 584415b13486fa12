// Which transitions have fired since the page was last drawn, for the chart to flash.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { InspectorState } from './inspector-state.js';
import { firedBetween } from './model/selection.js';

const NONE: readonly string[] = [];

/** @returns a new list whenever something fired; never for steps back, nor for what happened before the chart was chosen */
export const useFired = (inspector: InspectorState): readonly string[] => {
  const [fired, setFired] = useState(NONE);
  const moment = inspector.moment.value;
  const { machine, actor } = inspector.shown.value;
  const subject = actor?.actor.actor ?? machine;
  const last = useRef({ moment, subject });
  useEffect(() => {
    const before = last.current;
    last.current = { moment, subject };
    if (before.subject !== subject || moment <= before.moment) return;
    const directory = inspector.directory.peek();
    const edges = firedBetween(
      inspector.recording.peek().records,
      (id) => id === subject || (actor === null && directory.get(id)?.machine === machine),
      before.moment,
      moment,
    );
    if (edges.length > 0) setFired(edges);
  }, [moment, subject]);
  return fired;
};
