// Where on a chart to look: at what is active, as close as its words can be read.
import {
  around,
  type Box,
  centreOn,
  fitWhole,
  fitWidth,
  reveal,
  type Size,
  scaleOf,
} from '../model/viewport.js';
import { edgeWords, leavesOf } from '../model/wording.js';
import type { ChartPicture } from './chart-picture.js';

export interface Active {
  /** Ids of the active states. */
  readonly nodes: readonly string[];
  /** Transitions that led there. */
  readonly edges: readonly string[];
}

/** Below this many pixels for one unit, the words of a chart are not read any more. */
export const READABLE = 0.62;
/** Pixels for one unit at which a state is looked at. */
const CLOSE = 0.9;

/** What to look at: the states just entered, else all active ones; only the first where they are too far apart. */
export const focusOf = (
  picture: ChartPicture,
  pane: Size,
  { nodes, edges }: Active,
  before: readonly string[],
): Box | null => {
  const sources = edges.map((edge) => edgeWords(edge).source);
  const hasActed = (id: string) => sources.some((source) => `${id}.`.startsWith(`${source}.`));
  // Of regions side by side, first those in which something happened.
  const leaves = leavesOf(nodes).sort((a, b) => Number(hasActed(b)) - Number(hasActed(a)));
  const entered = leaves.filter((id) => !before.includes(id));
  const boxes = (entered.length > 0 ? entered : leaves).flatMap((id) => picture.boxOf(id) ?? []);
  const all = around(boxes);
  const fits =
    all !== null && all.width * READABLE <= pane.width * 0.9 && all.height * READABLE <= pane.height * 0.9;
  return fits ? all : (boxes[0] ?? null);
};

/** The whole width where it can be read; otherwise around what is active. */
export const firstView = (picture: ChartPicture, pane: Size, active: Active): Box => {
  const wide = fitWidth(picture.size, pane);
  const focus = focusOf(picture, pane, active, []);
  if (scaleOf(wide, pane) >= READABLE) {
    return focus === null ? wide : reveal(wide, picture.size, pane, focus);
  }
  if (focus === null) return fitWhole(picture.size, pane);
  return centreOn(wide, picture.size, pane, focus, CLOSE);
};
