// Places lifelines and messages of a sequence diagram. Knows positions only.
import type { Directory } from './filter.js';
import type { SequenceRow } from './sequence-rows.js';

export const LANE_WIDTH = 150;
export const ROW_HEIGHT = 26;
/** Room left of the first lifeline for the time of each row. */
export const MARGIN = 84;
/** Room right of the last lifeline for what its actor tells itself. */
export const END_MARGIN = 64;
/** The lifeline of whatever is not a statechart's actor. */
export const OUTSIDE = 'outside';

export interface Lane {
  /** What its actors have in common: those that follow one another in a slot share a lifeline's place. */
  readonly key: string;
  /** Session ids of those that are in the rows, in the order of their rows. */
  readonly actors: readonly string[];
  readonly x: number;
  /** From each one's birth to its end, where the rows have them. */
  readonly lines: readonly { readonly top: number; readonly bottom: number }[];
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

const keyOf = (actor: string, directory: Directory): string => {
  const known = directory.get(actor);
  return known === undefined ? actor : `${known.network ?? ''}/${known.machine ?? ''}/${known.id}`;
};

/** The outside first, then what all networks share, then each network; within, who was there first. */
const placesOf = (directory: Directory): Map<string, readonly [number, number]> => {
  const places = new Map<string, readonly [number, number]>();
  for (const { actor, network, seq } of directory.values()) {
    const key = keyOf(actor, directory);
    if (!places.has(key)) places.set(key, [network ?? -1, seq]);
  }
  return places;
};

const FIRST = [-2, 0] as const;

/** @param rows those to show, oldest first */
export const layoutSequence = (rows: readonly SequenceRow[], directory: Directory): SequenceLayout => {
  const actors = [...new Set(rows.flatMap(partiesOf))];
  const places = placesOf(directory);
  const keys = [...new Set(actors.map((actor) => keyOf(actor, directory)))].sort((a, b) => {
    const [networkA, bornA] = places.get(a) ?? FIRST;
    const [networkB, bornB] = places.get(b) ?? FIRST;
    return networkA - networkB || bornA - bornB;
  });
  const xOf = (actor: string): number => MARGIN + LANE_WIDTH * (keys.indexOf(keyOf(actor, directory)) + 0.5);
  const height = rows.length * ROW_HEIGHT;
  const tops = new Map<string, number>();
  const bottoms = new Map<string, number>();
  const placed = rows.map((row, index): PlacedRow => {
    const y = (index + 0.5) * ROW_HEIGHT;
    if (row.kind === 'birth') tops.set(row.actor, y);
    if (row.kind === 'end') bottoms.set(row.actor, y);
    const [fromX = null, toX = fromX] = partiesOf(row).map(xOf);
    return { row, y, fromX, toX };
  });
  const laneOf = (key: string): Lane => {
    const own = actors.filter((actor) => keyOf(actor, directory) === key);
    return {
      key,
      actors: own,
      x: xOf(own[0] ?? key),
      lines: own.map((actor) => ({ top: tops.get(actor) ?? 0, bottom: bottoms.get(actor) ?? height })),
    };
  };
  return {
    lanes: keys.map(laneOf),
    rows: placed,
    width: MARGIN + LANE_WIDTH * keys.length + END_MARGIN,
    height,
  };
};
