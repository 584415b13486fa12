// Places a chart's states and transitions with ELK's layered algorithm: compound states, edges across them, labels.
// Knows sizes and positions only; how things look is the picture's business.

import elkModule from 'elkjs/lib/elk.bundled.js';
import type { ElkEdgeSection, ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs/lib/elk-api.js';
import { actionText, guardText, invokeText, triggerText } from './chart-labels.js';
import { type ChartModel, type StateModel, statesWithin, type TransitionModel } from './chart-model.js';
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

export interface PlacedEdge {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  /** Undefined for the arrow from the initial dot. */
  readonly transition: TransitionModel | undefined;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: (Box & { readonly lines: readonly TextLine[] }) | undefined;
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

const nodeFor = (state: StateModel): ElkNode => {
  const lines = stateLines(state);
  const width = Math.max(textWidth(state.key, TITLE_SIZE, true), linesWidth(lines)) + 2 * PADDING + 6;
  if (state.type === 'history') return { id: state.id, width: 30, height: 30 };
  if (state.states.length === 0) {
    return {
      id: state.id,
      width: Math.ceil(Math.max(width, 84)),
      height: headHeight(lines) + (lines.length > 0 ? 6 : 8),
    };
  }
  const top = headHeight(lines) + 14;
  return {
    id: state.id,
    children: [...(state.initial ? [dotFor(state)] : []), ...state.states.map(nodeFor)],
    layoutOptions: {
      ...spacing,
      'elk.padding': `[top=${top},left=18,bottom=18,right=18]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${Math.ceil(width)},${top + 24})`,
    },
  };
};

const dotId = (state: StateModel): string => `${state.id}|dot`;

const dotFor = (state: StateModel): ElkNode => ({
  id: dotId(state),
  width: 10,
  height: 10,
  layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
});

const edgeId = (transition: TransitionModel, target: string): string => `${transition.key}>${target}`;

const edgesFor = (state: StateModel): ElkExtendedEdge[] => [
  ...(state.initial ? [{ id: `${dotId(state)}>`, sources: [dotId(state)], targets: [state.initial] }] : []),
  ...state.transitions
    .filter((transition) => !isWritten(state, transition))
    .flatMap((transition) =>
      transition.targets.map((target): ElkExtendedEdge => {
        const lines = labelLines(transition);
        return {
          id: edgeId(transition, target),
          sources: [state.id],
          targets: [target],
          labels: [
            {
              text: lines.map(({ text }) => text).join('\n'),
              width: Math.ceil(linesWidth(lines)) + 10,
              height: lines.length * LINE_HEIGHT + 4,
              layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
            },
          ],
        };
      }),
    ),
  ...state.states.flatMap(edgesFor),
];

/** Lays a chart out; the same chart gives the same numbers, whole pixels throughout. */
export const layoutChart = async ({ root }: ChartModel): Promise<PlacedChart> => {
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
    children: [nodeFor(root)],
    edges: edgesFor(root),
  };
  const Elk = elkModule as unknown as typeof import('elkjs/lib/elk-api.js').default;
  const laid = await new Elk().layout(graph);
  const placed = new Map<string, Box>();
  collect(laid, placed);
  return {
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    ...statesOf(root, placed, 0, false),
    edges: edgesOf(root, new Map((laid.edges ?? []).map((edge) => [edge.id, edge]))),
  };
};

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode | ElkLabel): Box => ({
  x: Math.round(x),
  y: Math.round(y),
  width: Math.round(width),
  height: Math.round(height),
});

const collect = (node: ElkNode, placed: Map<string, Box>): void => {
  placed.set(node.id, boxOf(node));
  for (const child of node.children ?? []) collect(child, placed);
};

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

const edgesOf = (state: StateModel, laid: ReadonlyMap<string, ElkExtendedEdge>): PlacedEdge[] => {
  const initial = laid.get(`${dotId(state)}>`);
  return [
    ...(initial && state.initial
      ? [
          edgeAt(initial, {
            key: `${state.id}|initial`,
            source: state.id,
            target: state.initial,
            transition: undefined,
          }),
        ]
      : []),
    ...state.transitions.flatMap((transition) =>
      transition.targets.flatMap((target) => {
        const edge = laid.get(edgeId(transition, target));
        return edge ? [edgeAt(edge, { key: transition.key, source: state.id, target, transition })] : [];
      }),
    ),
    ...state.states.flatMap((child) => edgesOf(child, laid)),
  ];
};

const edgeAt = (edge: ElkExtendedEdge, facts: Omit<PlacedEdge, 'points' | 'label'>): PlacedEdge => {
  const points = (edge.sections ?? []).flatMap((section: ElkEdgeSection) => [
    section.startPoint,
    ...(section.bendPoints ?? []),
    section.endPoint,
  ]);
  const label = edge.labels?.[0];
  return {
    ...facts,
    points: points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })),
    label: label && facts.transition ? { ...boxOf(label), lines: labelLines(facts.transition) } : undefined,
  };
};
