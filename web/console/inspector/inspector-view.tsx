// The inspector: every statechart of the node as it is and as it was, its actors, and what they say to each other.
import './inspector.css';
import { useEffect, useRef } from 'preact/hooks';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { route } from '../shell/current-route.js';
import { ActorList } from './actors/actor-list.js';
import { chartHref } from './chart/chart-href.js';
import { ChartPane } from './chart/chart-pane.js';
import { ChartTabs } from './chart/chart-tabs.js';
import { preloadCharts } from './chart/load-chart.js';
import { ActorDetails } from './details/actor-details.js';
import type { InspectorState, Source } from './inspector-state.js';
import { RecordingTools } from './recording/recording-tools.js';
import { FilterBar } from './sequence/filter-bar.js';
import { SequencePane } from './sequence/sequence-pane.js';
import { TimelineBar } from './timeline/timeline-bar.js';
import { timelineKey } from './timeline/timeline-keys.js';
import { useFired } from './use-fired.js';

interface InspectorProps {
  readonly inspector: InspectorState;
  /** Names of the charts. */
  readonly machines: readonly string[];
  readonly source: Source;
}

export const Inspector = ({ inspector, machines, source }: InspectorProps) => {
  const page = useRef<HTMLDivElement>(null);
  const { rest, query } = route.value;
  const linked = rest[0];
  const pointed = query.get('state');
  useEffect(() => preloadCharts(machines), [machines]);
  useEffect(() => {
    if (linked === undefined || linked === inspector.shown.peek().machine) return;
    if (machines.includes(linked)) inspector.selection.value = { machine: linked };
  }, [linked, machines]);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      const inspecting = page.current;
      if (inspecting === null || !(target instanceof Node)) return;
      // Inside, or where nothing smaller has the focus.
      const isHere = inspecting.contains(target) || target.contains(inspecting);
      if (!event.defaultPrevented && isHere && timelineKey(event, inspector)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [inspector]);

  return (
    <div ref={page} class="inspector">
      <h1 class="unseen">Inspector</h1>
      <div class="inspector-bar">
        <TimelineBar inspector={inspector} source={source} />
        <RecordingTools inspector={inspector} source={source} />
      </div>
      <Card title="Actors" class="inspector-actors">
        <div class="inspector-scroll">
          <ActorList inspector={inspector} />
        </div>
      </Card>
      <ChartCard inspector={inspector} machines={machines} pointed={pointed} />
      <Card
        title="Messages"
        class="inspector-messages"
        aside={<FilterBar inspector={inspector} machines={machines} />}
      >
        <SequencePane inspector={inspector} />
      </Card>
      <Card title="Details" class="inspector-details">
        <div class="inspector-scroll">
          <ActorDetails inspector={inspector} />
        </div>
      </Card>
    </div>
  );
};

interface ChartCardProps {
  readonly inspector: InspectorState;
  readonly machines: readonly string[];
  readonly pointed: string | null;
}

const ChartCard = ({ inspector, machines, pointed }: ChartCardProps) => {
  const { machine, actor, nodes, edges } = inspector.shown.value;
  const fired = useFired(inspector);
  const owner = actor === null ? '' : ` · ${actor.actor.id}`;
  return (
    <Card
      title={machine === null ? 'Statechart' : `Statechart ${machine}${owner}`}
      class="inspector-chart"
      aside={<ChartTabs inspector={inspector} machines={machines} />}
    >
      {machine === null ? (
        <EmptyState title="No statechart">
          A service does one thing and has no states; its caller’s chart shows it with a gear.
        </EmptyState>
      ) : (
        <ChartPane
          key={machine}
          name={machine}
          nodes={nodes}
          edges={edges}
          fired={fired}
          pointed={pointed}
          isFollowing={inspector.isFollowing.value}
          onFollow={(isFollowing) => {
            inspector.isFollowing.value = isFollowing;
          }}
          onState={(state) => location.replace(chartHref(machine, state))}
        />
      )}
    </Card>
  );
};
