// Places lifelines and messages of a sequence diagram. Knows positions only.
import type { Directory } from './filter.js';
import type { SequenceRow } from './sequence-rows.js';

export const LANE_WIDTH = 164;
export const ROW_HEIGHT = 26;
/** Room left of the first lifeline for the time of each row. */
export const MARGIN = 84;
/** The lifeline of whatever is not a statechart's actor. */
export const OUTSIDE = 'outside';

export interface Lane {
  /** Session id, or `OUTSIDE`. */
  readonly actor: string;
  readonly x: number;
  /** Where its line begins and ends, in rows' pixels. */
  readonly top: number;
  readonly bottom: number;
}

export interface PlacedRow {
  readonly row: SequenceRow;
  /** Middle of the row. */
  readonly y: number;
  /** Of the sender, or of the only lifeline; null for a gap. */
  readonly fromX: number | null;
  readonly toX: number | null;
}

export interface SequenceLayout {
  readonly lanes: readonly Lane[];
  readonly rows: readonly PlacedRow[];
  readonly width: number;
  readonly height: number;
}

const partiesOf = (row: SequenceRow): string[] => {
  if (row.kind === 'gap') return [];
  return row.kind === 'event' ? [row.from ?? OUTSIDE, row.to] : [row.actor];
};

/** By network, shared ones first, then by birth: a lane never changes sides while it lives. */
const orderOf = (directory: Directory, actor: string): readonly [number, number] => {
  const known = directory.get(actor);
  if (actor === OUTSIDE || known === undefined) return [-2, 0];
  return [known.network ?? -1, known.seq];
};

/** @param rows those to show, oldest first */
export const layoutSequence = (rows: readonly SequenceRow[], directory: Directory): SequenceLayout => {
  const actors = [...new Set(rows.flatMap(partiesOf))].sort((a, b) => {
    const [networkA, bornA] = orderOf(directory, a);
    const [networkB, bornB] = orderOf(directory, b);
    return networkA - networkB || bornA - bornB;
  });
  const xOf = new Map(actors.map((actor, index) => [actor, MARGIN + LANE_WIDTH * (index + 0.5)]));
  const height = rows.length * ROW_HEIGHT;
  const tops = new Map<string, number>();
  const bottoms = new Map<string, number>();
  const placed = rows.map((row, index): PlacedRow => {
    const y = (index + 0.5) * ROW_HEIGHT;
    if (row.kind === 'birth') tops.set(row.actor, y);
    if (row.kind === 'end') bottoms.set(row.actor, y);
    const [from, to] = partiesOf(row);
    const fromX = from === undefined ? null : (xOf.get(from) ?? null);
    return { row, y, fromX, toX: to === undefined ? fromX : (xOf.get(to) ?? null) };
  });
  return {
    lanes: actors.map((actor) => ({
      actor,
      x: xOf.get(actor) ?? 0,
      top: tops.get(actor) ?? 0,
      bottom: bottoms.get(actor) ?? height,
    })),
    rows: placed,
    width: MARGIN + LANE_WIDTH * actors.length,
    height,
  };
};
