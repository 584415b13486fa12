// The inspector as a view of the console: of the node that speaks, or of a recording while it does.
import { EmptyState } from '../../look/empty-state.js';
import type { ViewProps } from '../shell/node-access.js';
import { Inspector } from './inspector-view.js';
import { RecordingTools } from './recording/recording-tools.js';

const NO_CHARTS: readonly string[] = [];

export const InspectorTab = ({ node: { feed, inspector } }: ViewProps) => {
  const { state, connection } = feed;
  const machines = state.value?.machines ?? NO_CHARTS;
  if (state.value?.inspector === false && inspector.opened.value === null) {
    return (
      <>
        <EmptyState title="The inspector is switched off on this node">
          The setting <code>console.inspector</code> switches it on. A recording can be looked at all the
          same.
        </EmptyState>
        <RecordingTools inspector={inspector} source="none" />
      </>
    );
  }
  return (
    <Inspector
      inspector={inspector}
      machines={machines}
      source={connection.value.kind === 'live' ? 'live' : 'gone'}
    />
  );
};
