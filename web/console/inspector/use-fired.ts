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
  const chosen = inspector.selection.value;
  const isForAll = chosen !== null && 'machine' in chosen;
  const subject = isForAll ? null : (actor?.actor.actor ?? null);
  const last = useRef({ moment, machine });
  useEffect(() => {
    const before = last.current;
    last.current = { moment, machine };
    if (before.machine !== machine || moment <= before.moment) return;
    const directory = inspector.directory.peek();
    const edges = firedBetween(
      inspector.recording.peek().records,
      (id) => (isForAll ? directory.get(id)?.machine === machine : id === subject),
      before.moment,
      moment,
    );
    if (edges.length > 0) setFired(edges);
  }, [moment, machine, subject, isForAll]);
  return fired;
};
