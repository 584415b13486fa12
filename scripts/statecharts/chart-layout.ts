// Places a chart's states and transitions with ELK's layered algorithm: compound states, edges across them, labels.
// Knows sizes and positions only; how things look is the picture's business.

import elkModule from 'elkjs/lib/elk.bundled.js';
import type { ElkEdgeSection, ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs/lib/elk-api.js';
import { actionText, guardText, invokeText, triggerText } from '../../src/machines/chart-labels.js';
import {
  type ChartModel,
  type StateModel,
  statesWithin,
  type TransitionModel,
} from '../../src/machines/chart-model.js';
import { textWidth, wrapText } from './text-size.js';

export const TITLE_SIZE = 13;
export const TEXT_SIZE = 11;
export const LINE_HEIGHT = 15;
export const PADDING = 10;
/** Height of a state's title line. */
export const TITLE_HEIGHT = 24;
const LABEL_COLUMNS = 34;

export interface TextLine {
  readonly text: string;
  readonly kind: 'invoke' | 'action' | 'internal' | 'event' | 'guard';
  /** Key of the transition this line stands for; only for `internal`. */
  readonly edge?: string;
  readonly title?: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly state: StateModel;
  readonly lines: readonly TextLine[];
  /** Distance from the root. */
  readonly depth: number;
  /** A region of a parallel state. */
  readonly isRegion: boolean;
}

/** All transitions from one state to another: one line, one label. */
export interface PlacedEdge {
  readonly source: string;
  readonly target: string;
  /** Empty for the arrow from the initial dot. */
  readonly transitions: readonly TransitionModel[];
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** One box for each transition, from top to bottom. */
  readonly labels: readonly (Box & { readonly lines: readonly TextLine[] })[];
}

export interface PlacedChart {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
  /** Centres of the dots from which the initial arrows start. */
  readonly dots: readonly { readonly x: number; readonly y: number; readonly state: string }[];
}

const actionLine = (verb: string, actions: readonly string[]): TextLine[] =>
  actions.length === 0
    ? []
    : wrapText(`${verb} / ${actions.join(', ')}`, 44).map((text): TextLine => ({ text, kind: 'action' }));

/** What stands inside a state's box below its title. */
export const stateLines = (state: StateModel): TextLine[] => [
  ...state.invoke.map((invoke): TextLine => ({ text: invokeText(invoke), kind: 'invoke' })),
  ...actionLine('entry', state.entry.map(actionText)),
  ...actionLine('exit', state.exit.map(actionText)),
  ...state.transitions
    .filter((transition) => isWritten(state, transition))
    .flatMap((transition) => internalLines(state, transition)),
];

/** True for what is written into the box instead of drawn: what goes nowhere, or only to states inside the box. */
const isWritten = (state: StateModel, { targets }: TransitionModel): boolean => {
  const inside = new Set(statesWithin(state).map(({ id }) => id));
  return targets.every((target) => target !== state.id && inside.has(target));
};

/** The target as seen from a state around it: `line.released` rather than `courier.line.released`. */
const pathFrom = (state: StateModel, target: string): string => {
  const below = state.states.find((child) => statesWithin(child).some(({ id }) => id === target));
  if (!below || below.id === target) return below?.key ?? target;
  return `${below.key}.${pathFrom(below, target)}`;
};

const internalLines = (state: StateModel, transition: TransitionModel): TextLine[] => {
  const guard = transition.guard ? ` [${guardText(transition.guard)}]` : '';
  const actions = transition.actions.length > 0 ? ` / ${transition.actions.map(actionText).join(', ')}` : '';
  const targets = transition.targets.map((target) => pathFrom(state, target)).join(', ');
  const end = targets === '' ? (actions === '' ? ' is ignored' : '') : ` → ${targets}`;
  const { description } = transition;
  return wrapText(`${triggerText(transition)}${guard}${actions}${end}`, 44).map(
    (text): TextLine => ({
      text,
      kind: 'internal',
      edge: transition.key,
      ...(description !== undefined && { title: description }),
    }),
  );
};

const labelLines = (transition: TransitionModel): TextLine[] => [
  { text: triggerText(transition), kind: 'event' },
  ...(transition.guard
    ? wrapText(`[${guardText(transition.guard)}]`, LABEL_COLUMNS).map(
        (text): TextLine => ({ text, kind: 'guard' }),
      )
    : []),
  ...(transition.actions.length > 0
    ? wrapText(`/ ${transition.actions.map(actionText).join(', ')}`, LABEL_COLUMNS).map(
        (text): TextLine => ({ text, kind: 'action' }),
      )
    : []),
];

const linesWidth = (lines: readonly TextLine[]): number =>
  Math.max(
    0,
    ...lines.map(
      ({ text, kind }) => textWidth(text, TEXT_SIZE, kind === 'event') + (kind === 'invoke' ? 16 : 0),
    ),
  );

const headHeight = (lines: readonly TextLine[]): number =>
  TITLE_HEIGHT + (lines.length > 0 ? lines.length * LINE_HEIGHT + 6 : 0);

const spacing = {
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
};

/** The least width at which a state's title and lines fit. */
const boxWidth = (state: StateModel): number => {
  const tags = state.tags.map((tag) => `#${tag} `).join('');
  const title = textWidth(state.key, TITLE_SIZE, true) + (tags === '' ? 0 : 8 + textWidth(tags, TITLE_SIZE));
  return Math.ceil(Math.max(title, linesWidth(stateLines(state))) + 2 * PADDING + 6);
};

const nodeFor = (state: StateModel, wider: ReadonlyMap<string, number>, isRegion: boolean): ElkNode => {
  const lines = stateLines(state);
  const beside = isRegion ? { 'elk.alignment': 'TOP' } : {};
  if (state.type === 'history') return { id: state.id, width: 30, height: 30 };
  if (state.states.length === 0) {
    const height = headHeight(lines) + (lines.length > 0 ? 6 : 8);
    return { id: state.id, width: Math.max(boxWidth(state), 84), height, layoutOptions: beside };
  }
  const side = 18 + Math.ceil((wider.get(state.id) ?? 0) / 2);
  return {
    id: state.id,
    children: [
      ...(state.initial ? [{ id: dotId(state), width: 10, height: 10 }] : []),
      ...state.states.map((child) => nodeFor(child, wider, state.type === 'parallel')),
    ],
    layoutOptions: {
      ...spacing,
      ...beside,
      'elk.padding': `[top=${headHeight(lines) + 14},left=${side},bottom=18,right=${side}]`,
    },
  };
};

const dotId = (state: StateModel): string => `${state.id}|dot`;

interface Bundle {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly TransitionModel[];
}

/** What is drawn between states, in document order: the initial arrow, then one bundle for each target. */
const bundlesOf = (state: StateModel): Bundle[] => {
  const drawn = state.transitions.filter((transition) => !isWritten(state, transition));
  const targets = [...new Set(drawn.flatMap((transition) => transition.targets))];
  return [
    ...(state.initial
      ? [{ id: `${dotId(state)}>`, source: dotId(state), target: state.initial, transitions: [] }]
      : []),
    ...targets.map((target) => ({
      id: `${state.id}>${target}`,
      source: state.id,
      target,
      transitions: drawn.filter((transition) => transition.targets.includes(target)),
    })),
    ...state.states.flatMap(bundlesOf),
  ];
};

const labelHeight = (lines: readonly TextLine[]): number => lines.length * LINE_HEIGHT + 5;

const edgeFor = ({ id, source, target, transitions }: Bundle): ElkExtendedEdge => {
  const labels = transitions.map(labelLines);
  const label = {
    text: labels
      .flat()
      .map(({ text }) => text)
      .join('\n'),
    width: Math.ceil(linesWidth(labels.flat())) + 12,
    height: labels.reduce((height, lines) => height + labelHeight(lines), 0),
    layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
  };
  return { id, sources: [source], targets: [target], labels: transitions.length > 0 ? [label] : [] };
};

/** Lays a chart out; the same chart gives the same numbers, whole pixels throughout. */
export const layoutChart = async ({ root }: ChartModel): Promise<PlacedChart> => {
  const bundles = bundlesOf(root);
  // ELK does not keep a compound state's least width; what is too narrow for its text is padded the second time.
  const first = boxesOf(await layOut(root, bundles, new Map()));
  const wider = new Map(
    statesWithin(root).map((state) => [
      state.id,
      Math.max(0, boxWidth(state) - boxAt(state.id, first).width),
    ]),
  );
  const laid = [...wider.values()].some((missing) => missing > 0)
    ? await layOut(root, bundles, wider)
    : await layOut(root, bundles, new Map());
  const placed = boxesOf(laid);
  const edges = new Map((laid.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    ...statesOf(root, placed, 0, false),
    edges: bundles.flatMap((bundle) => {
      const edge = edges.get(bundle.id);
      return edge ? [placedEdge(edge, bundle)] : [];
    }),
  };
};

/** @param wider pixels by which a state must be padded, by id */
const layOut = (
  root: StateModel,
  bundles: readonly Bundle[],
  wider: ReadonlyMap<string, number>,
): Promise<ElkNode> => {
  const graph: ElkNode = {
    id: '(canvas)',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.crossingMinimization.semiInteractive': 'false',
      'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      'elk.padding': '[top=12,left=12,bottom=12,right=12]',
      ...spacing,
    },
    children: [nodeFor(root, wider, false)],
    edges: bundles.map(edgeFor),
  };
  const Elk = elkModule as unknown as typeof import('elkjs/lib/elk-api.js').default;
  return new Elk().layout(graph);
};

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode | ElkLabel): Box => ({
  x: Math.round(x),
  y: Math.round(y),
  width: Math.round(width),
  height: Math.round(height),
});

const boxesOf = (node: ElkNode): Map<string, Box> =>
  new Map([[node.id, boxOf(node)], ...(node.children ?? []).flatMap((child) => [...boxesOf(child)])]);

const boxAt = (id: string, placed: ReadonlyMap<string, Box>): Box => {
  const box = placed.get(id);
  if (!box) throw new Error(`the layout lost ${id}`);
  return box;
};

const statesOf = (
  state: StateModel,
  placed: ReadonlyMap<string, Box>,
  depth: number,
  isRegion: boolean,
): Pick<PlacedChart, 'states' | 'dots'> => {
  const below = state.states.map((child) => statesOf(child, placed, depth + 1, state.type === 'parallel'));
  const dot = state.initial ? boxAt(dotId(state), placed) : undefined;
  return {
    states: [
      { ...boxAt(state.id, placed), state, lines: stateLines(state), depth, isRegion },
      ...below.flatMap(({ states }) => states),
    ],
    dots: [
      ...(dot ? [{ x: dot.x + 5, y: dot.y + 5, state: state.id }] : []),
      ...below.flatMap(({ dots }) => dots),
    ],
  };
};

const placedEdge = (edge: ElkExtendedEdge, bundle: Bundle): PlacedEdge => {
  const points = (edge.sections ?? []).flatMap((section: ElkEdgeSection) => [
    section.startPoint,
    ...(section.bendPoints ?? []),
    section.endPoint,
  ]);
  const label = edge.labels?.[0];
  const box = label && boxOf(label);
  let y = box?.y ?? 0;
  const labels = bundle.transitions.map((transition) => {
    const lines = labelLines(transition);
    const height = labelHeight(lines);
    y += height;
    return { x: box?.x ?? 0, y: y - height, width: box?.width ?? 0, height, lines };
  });
  return {
    source: bundle.source,
    target: bundle.target,
    transitions: bundle.transitions,
    points: points.map((point) => ({ x: Math.round(point.x), y: Math.round(point.y) })),
    labels,
  };
};
