// The newest messages between actors up to the moment looked at, as a sequence diagram; the newest is at the bottom.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keys.
import './sequence.css';
import { useEffect, useRef } from 'preact/hooks';
import { clockTime } from '../../../look/durations.js';
import { EmptyState } from '../../../look/empty-state.js';
import type { InspectorState } from '../inspector-state.js';
import { rowIndexAt } from '../model/playhead.js';
import { END_MARGIN, LANE_WIDTH, layoutSequence } from '../model/sequence-layout.js';
import type { SequenceRow } from '../model/sequence-rows.js';
import { remOf } from './rem.js';
import { SequenceHead } from './sequence-head.js';
import { SequenceRowShape } from './sequence-row-shape.js';

interface SequencePaneProps {
  readonly inspector: InspectorState;
}

/** Rows that are drawn. */
const SHOWN = 60;

const secondOf = (row: SequenceRow | undefined): number | null =>
  row === undefined ? null : Math.floor(row.atMs / 1_000);

const keyOf = ({ seq, kind }: SequenceRow): string => `${seq}${kind}`;

export const SequencePane = ({ inspector }: SequencePaneProps) => {
  const scroller = useRef<HTMLElement>(null);
  const rows = inspector.rows.value;
  const moment = inspector.moment.value;
  const index = rowIndexAt(rows, moment);
  const current = rows[index];
  const shown = rows.slice(Math.max(0, index + 1 - SHOWN), index + 1);
  const directory = inspector.directory.value;
  const { lanes, rows: placed, width, height } = layoutSequence(shown, directory);

  const here = placed.at(-1);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = element.scrollHeight;
    if (here?.fromX == null || here.toX == null) return;
    // The whole arrow, or at least where it ends.
    const unit = element.scrollWidth / Math.max(width, 1);
    const left = (Math.min(here.fromX, here.toX) - LANE_WIDTH / 2) * unit;
    const right = (Math.max(here.fromX, here.toX) + LANE_WIDTH / 2 + END_MARGIN) * unit;
    const { scrollLeft, clientWidth } = element;
    if (right > scrollLeft + clientWidth) element.scrollLeft = right - clientWidth;
    else if (left < scrollLeft) element.scrollLeft = Math.max(0, left);
  }, [current?.seq, shown.length]);

  if (shown.length === 0) {
    return <EmptyState title="No message yet">Or none that the filter lets through.</EmptyState>;
  }
  return (
    <>
      <section
        ref={scroller}
        class="sequence"
        tabIndex={0}
        aria-label="Messages between actors, oldest first"
      >
        <SequenceHead lanes={lanes} width={width} directory={directory} />
        <svg
          class="sequence-lines"
          width={remOf(width)}
          height={remOf(height)}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
        >
          {lanes.map(({ key, x, lines }) => (
            <path
              key={key}
              class="lifeline"
              d={lines.map(({ top, bottom }) => `M${x} ${top}V${bottom}`).join('')}
            />
          ))}
          {placed.map((one, at) => (
            <SequenceRowShape
              key={keyOf(one.row)}
              placed={one}
              width={width}
              isCurrent={one.row === current}
              hasTime={secondOf(one.row) !== secondOf(placed[at - 1]?.row)}
              onChoose={() => inspector.goTo(one.row.seq)}
            />
          ))}
        </svg>
      </section>
      <RowDetails inspector={inspector} row={current} />
    </>
  );
};

/** The row at the moment looked at, in words. */
const RowDetails = ({ inspector, row }: { inspector: InspectorState; row: SequenceRow | undefined }) => {
  const directory = inspector.directory.value;
  const nameOf = (actor: string | null): string =>
    actor === null ? 'outside the statecharts' : (directory.get(actor)?.id ?? actor);
  if (row === undefined) return null;
  const words = (() => {
    switch (row.kind) {
      case 'event':
        return `${nameOf(row.from)} sends ${row.type} to ${nameOf(row.to)}`;
      case 'state':
        return `${nameOf(row.actor)} enters ${row.label}`;
      case 'birth':
        return `${nameOf(row.actor)} (${row.label}) begins`;
      case 'end':
        return `${nameOf(row.actor)} ends: ${row.label}`;
      case 'gap':
        return `${row.missed} records are missing: this page was too slow for them`;
    }
  })();
  return (
    <p class="sequence-row-details">
      <span class="quiet">
        {clockTime(row.atMs)}.{String(Math.floor(row.atMs % 1_000)).padStart(3, '0')} · #{row.seq}
      </span>{' '}
      {words}
    </p>
  );
};
