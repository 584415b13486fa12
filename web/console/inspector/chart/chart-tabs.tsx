// All statecharts of the node, each with how many actors live in it.
import type { InspectorState } from '../inspector-state.js';
import { isLiving } from '../model/situation.js';
import { chartHref } from './chart-href.js';

interface ChartTabsProps {
  readonly inspector: InspectorState;
  readonly machines: readonly string[];
}

export const ChartTabs = ({ inspector, machines }: ChartTabsProps) => {
  const shown = inspector.shown.value.machine;
  const living = [...inspector.situation.value.actors.values()].filter(isLiving);
  return (
    <nav class="chart-tabs" aria-label="Statecharts">
      {machines.map((name) => {
        const count = living.filter(({ actor }) => actor.machine === name).length;
        return (
          <a
            key={name}
            href={chartHref(name)}
            aria-current={name === shown ? 'page' : undefined}
            onClick={() => {
              // Also when the address says so already.
              inspector.selection.value = { machine: name };
            }}
          >
            {name}
            <span class="chart-tab-count" title={`${count} live`}>
              {count}
            </span>
          </a>
        );
      })}
    </nav>
  );
};
