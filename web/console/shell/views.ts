// The console's views, in the order of their tabs. `#/<id>` is a view's address; what follows it is the view's own.
import type { ComponentType } from 'preact';
import { InspectorTab } from '../inspector/inspector-tab.js';
import { JobsView } from '../jobs/jobs-view.js';
import { LogsView } from '../logs/logs-view.js';
import { OverviewView } from '../overview/overview-view.js';
import type { ViewProps } from './node-access.js';

export interface ConsoleView {
  readonly id: string;
  readonly title: string;
  /** Rendered only once the node has spoken. */
  readonly View: ComponentType<ViewProps>;
}

const overview: ConsoleView = { id: 'overview', title: 'Overview', View: OverviewView };

export const VIEWS: readonly ConsoleView[] = [
  overview,
  { id: 'inspector', title: 'Inspector', View: InspectorTab },
  { id: 'jobs', title: 'Jobs', View: JobsView },
  { id: 'logs', title: 'Logs', View: LogsView },
];

/** An address nobody knows leads to the overview. */
export const viewOf = (id: string): ConsoleView => VIEWS.find((view) => view.id === id) ?? overview;
