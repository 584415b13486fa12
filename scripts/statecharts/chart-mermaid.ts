// The chart as a Mermaid `stateDiagram-v2`, which forges render where an SVG cannot be shown.
// https://mermaid.js.org/syntax/stateDiagram.html

import { actionText, guardText, invokeText, triggerText } from '../../src/machines/chart-labels.js';
import type { ChartModel, StateModel, TransitionModel } from '../../src/machines/chart-model.js';

/** Ids may hold word characters only; two states must never share one. */
const idOf = (id: string): string =>
  id.replace(/[^A-Za-z0-9]/g, (sign) => (sign === '.' ? '__' : `_${sign.charCodeAt(0).toString(16)}_`));

/** Signs that end a statement or open markup, as Mermaid's numeric entities; the `#` of an entity stays one sign. */
const escapeText = (text: string): string =>
  text.replace(/[#;:<>"{}]/g, (sign) => `#${sign.charCodeAt(0)};`).replace(/\s+/g, ' ');

/** For what Mermaid takes as it is, up to the line's end. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const labelOf = (transition: TransitionModel): string => {
  const guard = transition.guard ? ` [${guardText(transition.guard)}]` : '';
  const actions = transition.actions.length > 0 ? ` / ${transition.actions.map(actionText).join(', ')}` : '';
  return escapeText(`${triggerText(transition)}${guard}${actions}`);
};

const innerLines = (state: StateModel): string[] => [
  ...state.invoke.map((invoke) => `invoke / ${invokeText(invoke)}`),
  ...state.entry.map((action) => `entry / ${actionText(action)}`),
  ...state.exit.map((action) => `exit / ${actionText(action)}`),
];

const noteOf = (state: StateModel): string[] => {
  const isDrawnAsNode = state.type !== 'history' && state.states.length === 0;
  if (state.description === undefined || !isDrawnAsNode) return [];
  return [`note right of ${idOf(state.id)}`, `  ${escapeText(state.description)}`, 'end note'];
};

/** A note at a compound state is drawn outside the picture: what it is for stays a remark in the text. */
const remarkOf = ({ key, description }: StateModel): string[] =>
  description === undefined ? [] : [`%% ${key}: ${oneLine(description)}`];

const transitionsOf = (state: StateModel): string[] =>
  state.transitions.flatMap((transition) =>
    // A transition that stays is drawn as a loop: Mermaid has no other place for it.
    (transition.targets.length > 0 ? transition.targets : [state.id]).map(
      (target) => `${idOf(state.id)} --> ${idOf(target)} : ${labelOf(transition)}`,
    ),
  );

const historyName = (state: StateModel): string => (state.history === 'deep' ? 'H*' : 'H');

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const stateLines = (state: StateModel): string[] => {
  const name = state.type === 'history' ? historyName(state) : state.key;
  const inner = innerLines(state).map((line) => `${idOf(state.id)} : ${escapeText(line)}`);
  const head = `state "${escapeText(name)}" as ${idOf(state.id)}`;
  if (state.states.length === 0) {
    const end = state.type === 'final' ? [`${idOf(state.id)} --> [*]`] : [];
    return [head, ...inner, ...end, ...noteOf(state)];
  }
  // Mermaid keeps no description lines on a compound state: its services are named in its title.
  const services = innerLines(state);
  const title = [state.key, ...services].map(escapeText).join(' · ');
  return [...remarkOf(state), `state "${title}" as ${idOf(state.id)} {`, ...indent(childLines(state)), '}'];
};

const childLines = (state: StateModel): string[] => {
  if (state.type === 'parallel') {
    return state.states.flatMap((region, index) => [...(index > 0 ? ['--'] : []), ...stateLines(region)]);
  }
  const start = state.initial === undefined ? [] : [`[*] --> ${idOf(state.initial)}`];
  return [...start, ...state.states.flatMap(stateLines)];
};

const allTransitions = (state: StateModel): string[] => [
  ...transitionsOf(state),
  ...state.states.flatMap(allTransitions),
];

/** @returns the diagram; all transitions come last, for Mermaid takes an unknown name for a new state */
export const chartMermaid = ({ name, root }: ChartModel): string => {
  const { description, ...nameless } = root;
  return [
    '---',
    `title: ${JSON.stringify(name)}`,
    '---',
    'stateDiagram-v2',
    ...indent([
      `accTitle: Statechart ${name}`,
      ...(description === undefined ? [] : [`accDescr: ${oneLine(description)}`]),
      ...stateLines(nameless),
      ...allTransitions(root),
    ]),
    '',
  ].join('\n');
};
