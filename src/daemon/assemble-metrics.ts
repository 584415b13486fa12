// The metrics, put together from what the daemon's parts know.
import type { Clock } from '../adapters/host/clock.js';
import { createMetrics, type Metrics } from '../console/metrics/metrics.js';
import type { NodeView } from '../console/node-view.js';
import type { Membership } from '../services/membership.js';
import type { Repairs } from '../services/repairs.js';
import type { RuntimeControl } from '../services/runtime-control.js';
import { askEngineLoad } from './ask-engine-load.js';
import type { OwnNode } from './assemble-node.js';
import { networkLabels } from './network-labels.js';

export interface MetricsParts {
  readonly view: NodeView;
  /** In the owner's order. */
  readonly nodes: readonly Pick<OwnNode, 'url' | 'membership' | 'figures' | 'scrape'>[];
  readonly hardware: Membership['hardware'];
  readonly control: RuntimeControl;
  readonly repairs: Repairs;
  readonly clock: Clock;
}

export const assembleMetrics = ({
  view,
  nodes,
  hardware,
  control,
  repairs,
  clock,
}: MetricsParts): Metrics => {
  const engineLoad = askEngineLoad(control, clock.monotonicMs);
  const labels = (): readonly string[] =>
    networkLabels(nodes.map(({ url, membership }) => ({ url, name: membership.network.peek()?.id.name })));
  const labelAt = (at: number): string => labels()[at] ?? '';
  return createMetrics({
    gather: async () => {
      const engine = await engineLoad();
      const named = labels();
      return {
        node: view.status(),
        networks: nodes.map((node, at) => ({ network: named[at] ?? '', ...node.scrape() })),
        // To ask is what keeps it fresh; before the first look there is nothing to ask for.
        hardware: hardware.peek() === undefined ? undefined : hardware.get(),
        engine,
        repairs: repairs.list().reduce((sum, { times }) => sum + times, 0),
      };
    },
    work: nodes.map(({ figures }, at) => ({ news: figures, network: () => labelAt(at) })),
    monotonicMs: clock.monotonicMs,
  });
};
