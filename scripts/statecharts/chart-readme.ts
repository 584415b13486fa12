// The page that shows all charts of the folder, so that a reader needs no tool to see them.
import type { ChartModel } from '../../src/machines/chart-model.js';
import { statesWithin } from '../../src/machines/chart-model.js';

const sizeOf = ({ root }: ChartModel): string => {
  const states = statesWithin(root).filter(({ type }) => type !== 'history');
  const transitions = states.flatMap((state) => state.transitions);
  return `${states.length - 1} states, ${transitions.length} transitions`;
};

const section = (chart: ChartModel): string[] => [
  `## ${chart.name}`,
  '',
  chart.root.description ?? '',
  '',
  `${sizeOf(chart)} · [JSON](${chart.name}.json) · [Mermaid](${chart.name}.mmd)`,
  '',
  `![Statechart ${chart.name}](${chart.name}.svg)`,
  '',
];

export const chartReadme = (charts: readonly ChartModel[]): string =>
  [
    '# Statecharts',
    '',
    'Generated from `src/machines` by `npm run statecharts`; `npm run check:generated` fails when a file here is stale.',
    'A picture shows a service with a gear, a guard in [brackets], actions after a slash; a dashed box is a region that',
    'is active together with its neighbours. A transition that stays inside its state is written into the box.',
    '',
    'For pages that light a chart: a state is `<g data-id="state id">`, add the class `on`; a transition is',
    '`<g data-edge="source id|event type|index">`, add the class `taken`.',
    '',
    ...charts.flatMap(section),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
