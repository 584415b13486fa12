// The views of the network's page, in the order of their tabs.
import type { ComponentType } from 'preact';
import { ConfigView } from '../config/config-view.js';
import { JobsView } from '../jobs/jobs-view.js';
import { LedgerView } from '../ledger/ledger-view.js';
import { NodesView } from '../nodes/nodes-view.js';
import { PlaygroundView } from '../playground/playground-view.js';
import type { ViewProps } from './network-access.js';

interface NetworkView {
  readonly id: string;
  readonly title: string;
  readonly View: ComponentType<ViewProps>;
}

const nodes: NetworkView = { id: 'nodes', title: 'Nodes', View: NodesView };

export const VIEWS: readonly NetworkView[] = [
  nodes,
  { id: 'jobs', title: 'Jobs', View: JobsView },
  { id: 'ledger', title: 'Ledger', View: LedgerView },
  { id: 'config', title: 'Configuration', View: ConfigView },
  { id: 'playground', title: 'Playground', View: PlaygroundView },
];

/** An address nobody knows leads to the nodes. */
export const viewOf = (id: string): NetworkView => VIEWS.find((view) => view.id === id) ?? nodes;
