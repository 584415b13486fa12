// Draws a placed chart as SVG: no script, no font, no outside reference. Every state is a `<g data-id>` and every
// transition a `<g data-edge>`, so that a page can light what is active and what was just taken.

import { transitionText } from '../../src/machines/chart-labels.js';
import type { ChartModel, StateModel, TransitionModel } from '../../src/machines/chart-model.js';
import {
  type Box,
  LINE_HEIGHT,
  layoutChart,
  PADDING,
  type PlacedChart,
  type PlacedEdge,
  type PlacedState,
  type TextLine,
  TITLE_HEIGHT,
} from './chart-layout.js';
import { chartStyle, LEAF, plainLook, TEXT_LOOK } from './chart-style.js';

const CORNER = 6;

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const titleOf = (text: string | undefined): string =>
  text === undefined ? '' : `<title>${escapeXml(text)}</title>`;

const rect = (box: Box, attributes: string): string =>
  `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" ${attributes}/>`;

const text = (x: number, y: number, kind: string, content: string, more = ''): string =>
  `<text x="${x}" y="${y}" class="${kind}"${more}>${escapeXml(content)}</text>`;

/** A small gear in front of an invoked service. */
const gear = (x: number, y: number): string =>
  `<path class="gear" d="M${x} ${y - 4}h0M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M${x} ${y - 5}v2M${x} ${y + 3}v2M${x - 5} ${y}h2M${x + 3} ${y}h2"/>`;

const lineMarkup = (line: TextLine, x: number, y: number): string => {
  if (line.kind === 'invoke') return gear(x + 5, y - 4) + text(x + 15, y, 'invoke', line.text);
  if (line.edge === undefined) return text(x, y, line.kind, line.text);
  return `<g data-edge="${escapeXml(line.edge)}">${titleOf(line.title)}${text(x, y, line.kind, line.text)}</g>`;
};

const stateClass = ({ state, isRegion }: PlacedState): string =>
  ['state', state.type, ...(isRegion ? ['region'] : [])].join(' ');

const historyMarkup = ({ x, y, width, height, state }: PlacedState): string => {
  const centre = { x: x + width / 2, y: y + height / 2 };
  const mark = state.history === 'deep' ? 'H*' : 'H';
  return (
    `<circle class="box fill-${LEAF}" cx="${centre.x}" cy="${centre.y}" r="${width / 2 - 1}"/>` +
    text(centre.x, centre.y + 4, 'title', mark, ' text-anchor="middle"')
  );
};

const boxMarkup = (placed: PlacedState): string => {
  const { state, lines, depth } = placed;
  const fill = state.states.length > 0 ? Math.min(depth, LEAF - 1) : LEAF;
  const inner = { x: placed.x + 3, y: placed.y + 3, width: placed.width - 6, height: placed.height - 6 };
  const tags =
    state.tags.length > 0
      ? `<tspan class="tag" font-weight="400" dx="8">${escapeXml(state.tags.map((tag) => `#${tag}`).join(' '))}</tspan>`
      : '';
  const ruleY = placed.y + TITLE_HEIGHT;
  const hasRule = lines.length > 0 || state.states.length > 0;
  return [
    rect(placed, `rx="8" class="box fill-${fill}"`),
    state.type === 'final' ? rect(inner, `rx="6" class="box" fill="none"`) : '',
    `<text x="${placed.x + PADDING}" y="${placed.y + 17}" class="title">${escapeXml(state.key)}${tags}</text>`,
    hasRule ? `<path class="rule" d="M${placed.x} ${ruleY}h${placed.width}"/>` : '',
    ...lines.map((line, index) => lineMarkup(line, placed.x + PADDING, ruleY + 14 + index * LINE_HEIGHT)),
  ].join('');
};

const stateMarkup = (placed: PlacedState): string =>
  `<g class="${stateClass(placed)}" data-id="${escapeXml(placed.state.id)}">${titleOf(placed.state.description)}${
    placed.state.type === 'history' ? historyMarkup(placed) : boxMarkup(placed)
  }</g>`;

type Point = PlacedEdge['points'][number];

const towards = (from: Point, to: Point, distance: number): Point => {
  const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
  const share = length === 0 ? 0 : Math.min(1, distance / length);
  return { x: Math.round(from.x + (to.x - from.x) * share), y: Math.round(from.y + (to.y - from.y) * share) };
};

/** An orthogonal line with rounded corners. */
const pathOf = (points: readonly Point[]): string =>
  points
    .map((point, index) => {
      if (index === 0) return `M${point.x} ${point.y}`;
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before || !after) return `L${point.x} ${point.y}`;
      const half = (other: Point): number => (Math.abs(other.x - point.x) + Math.abs(other.y - point.y)) / 2;
      const radius = Math.min(CORNER, half(before), half(after));
      const into = towards(point, before, radius);
      const out = towards(point, after, radius);
      return `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`;
    })
    .join('');

/** The arrow's head, drawn rather than referenced: several pictures on one page must not share ids. */
const headOf = (points: readonly Point[]): string => {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) return '';
  const x = Math.sign(tip.x - before.x);
  const y = Math.sign(tip.y - before.y);
  const back = { x: tip.x - x * 8, y: tip.y - y * 8 };
  return `<path class="head" d="M${tip.x} ${tip.y}L${back.x - y * 4} ${back.y - x * 4}L${back.x + y * 4} ${back.y + x * 4}Z"/>`;
};

const transitionTitle = (source: string, transition: TransitionModel): string =>
  titleOf(transition.description ?? transitionText(source, transition));

/** The line, once for each transition that runs along it, so that each can be lit by itself. */
const edgeMarkup = ({ source, target, transitions, points }: PlacedEdge): string[] => {
  const line = `<path class="path" d="${pathOf(points)}"/>${headOf(points)}`;
  if (transitions.length === 0) return [`<g class="edge initial">${line}</g>`];
  const ends = `data-source="${escapeXml(source)}" data-target="${escapeXml(target)}"`;
  return transitions.map(
    (transition) =>
      `<g class="edge" data-edge="${escapeXml(transition.key)}" ${ends}>${transitionTitle(source, transition)}${line}</g>`,
  );
};

/** Labels come after all lines, so that no line crosses a text. */
const labelMarkup = ({ source, transitions, labels }: PlacedEdge): string[] =>
  transitions.flatMap((transition, index) => {
    const label = labels[index];
    if (!label) return [];
    const lines = label.lines.map((line, row) =>
      text(label.x + 6, label.y + 13 + row * LINE_HEIGHT, line.kind, line.text),
    );
    const box = rect(label, 'rx="4" class="pill"');
    return [
      `<g class="label" data-edge="${escapeXml(transition.key)}">${transitionTitle(source, transition)}${box}${lines.join('')}</g>`,
    ];
  });

const withPlainLook = (markup: string): string =>
  markup.replace(/ class="([^"]+)"/g, (attribute, classes: string) => attribute + plainLook(classes));

/** @returns the picture, one element a line, ending in a newline */
export const drawChart = ({ name, root }: { name: string; root: StateModel }, placed: PlacedChart): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${placed.width} ${placed.height}" width="${placed.width}" height="${placed.height}" ${TEXT_LOOK} role="img" aria-label="${escapeXml(`Statechart ${name}`)}">`,
    `<title>${escapeXml(root.description ?? name)}</title>`,
    `<style>${chartStyle()}</style>`,
    `<rect class="canvas"${plainLook('canvas')} width="${placed.width}" height="${placed.height}"/>`,
    ...[
      ...placed.states.map(stateMarkup),
      ...placed.dots.map(({ x, y }) => `<circle class="dot" cx="${x}" cy="${y}" r="5"/>`),
      ...placed.edges.flatMap(edgeMarkup),
      ...placed.edges.flatMap(labelMarkup),
    ].map(withPlainLook),
    '</svg>',
    '',
  ].join('\n');

/** Lays out and draws a chart. */
export const chartSvg = async (chart: ChartModel): Promise<string> =>
  drawChart(chart, await layoutChart(chart));
